# SPDX-License-Identifier: GPL-2.0-only
"""What an exit costs, each kind by itself (selftests/tools/exits.c), and what batches and
the faults around them do (selftests/tools/batches.c)."""
from . import boot, marks, meter, table

TITLE = "Exits"
COMMANDS = {"exits": "/selftests/bin/exits", "batches": "/selftests/bin/batches pages"}
HOSTS = {"kvm": ("SETWAY_DEVICE=/dev/kvm", True), "setway": ("insmod /setway.ko;", False)}

# Of what begins with these words, only exits of a class count; else all but the
# interrupts of the host's clock, unless they are what it is about.
CLASSES = {"batch": ["Set/Way operation"], "batches": ["Set/Way operation"],
           "operation": ["Set/Way operation"],
           "first": ["fault, pages cleaned"], "touch": ["fault, nothing cleaned"]}
INTERRUPTS = ("timer", "SGI")


def name(program, host):
    return f"{program}-{host}"


def make_boot(program, host, **options):
    before, kvm = HOSTS[host]
    return boot.Boot(name(program, host), f"{before} {COMMANDS[program]}", kvm=kvm, **options)


def boots():
    return [make_boot(program, host) for host in HOSTS for program in COMMANDS]


def counts(what, words):
    """Say whether exits of a class count in a section."""
    first = what.split()[0].rstrip(",")
    if first in CLASSES:
        return words in CLASSES[first]
    return words != "interrupt" or first in INTERRUPTS


def chosen(what, section):
    """Return the exits of a section that count."""
    total = meter.Exits()
    for words, each in section.rows():
        if counts(what, words):
            total.add(each)
    return total


def results(done):
    return {host: {what: marks.once(chosen(what, section), times)
                   for program in COMMANDS
                   for what, times, section in marks.read(done[name(program, host)])}
            for host in HOSTS}


def cost(each):
    """EL2 + the host's kernel (+ the VMM)."""
    if not each["exits"]:
        return ""
    text = f"{each['el2']:,.0f} + {each['kernel']:,.0f}"
    return text + (f" + {each['user']:,.0f}" if each["user"] >= 1 else "")


def report(found):
    rows = []
    for what, ours in found["setway"].items():
        row = [what]
        for each in (found["kvm"][what], ours):
            row += [each["hypervisor"] + each["user"], cost(each), table.short(each["exits"]),
                    table.short(each["pages"])]
        rows.append(row)
    return table.markdown(["once", "stock KVM", "EL2 + kernel + VMM", "exits", "pages",
                           "setway", "EL2 + kernel + VMM", "exits", "pages"], rows)
