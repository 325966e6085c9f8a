# SPDX-License-Identifier: GPL-2.0-only
"""What an exit costs, each kind by itself (selftests/tools/exits.c), and what batches and
the faults around them do (selftests/tools/batches.c)."""
from . import boot, marks, meter, table

TITLE = "Exits"
COMMANDS = ["/selftests/bin/exits", "/selftests/bin/batches pages"]
# What stock KVM would take minutes for: it maps and cleans all of these 20 GiB.
MORE = {"kvm": [], "setway": ["/selftests/bin/batches alone"]}
HOSTS = {"kvm": ("export SETWAY_DEVICE=/dev/kvm", True), "setway": ("insmod /setway.ko $MODULE_ARGS", False)}

# Of what begins with these words, only exits of a class count; else all but the
# interrupts of the host's clock, unless they are what it is about.
CLASSES = {"batch": ["Set/Way operation"], "batches": ["Set/Way operation"],
           "operation": ["Set/Way operation"],
           "first": ["fault, pages cleaned"], "touch": ["fault, nothing cleaned"]}
INTERRUPTS = ("timer", "SGI")


def boot_of(name, host, commands, **options):
    """Return a boot that runs one after the other."""
    before, kvm = HOSTS[host]
    return boot.Boot(name, " && ".join([before, *commands]), kvm=kvm, **options)


def make_boot(host, **options):
    return boot_of(f"exits-{host}", host, COMMANDS + MORE[host], **options)


def boots():
    return [make_boot(host) for host in HOSTS]


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
                   for what, times, section in marks.read(done[f"exits-{host}"])}
            for host in HOSTS}


def cost(each):
    """EL2 + the host's kernel (+ the VMM)."""
    if not each["exits"]:
        return ""
    text = f"{each['el2']:,.0f} + {each['kernel']:,.0f}"
    return text + (f" + {each['user']:,.0f}" if each["user"] >= 1 else "")


def is_kind(what):
    """Is it an exit of a kind, and not a batch?"""
    return not what.startswith("batch")


def cells(each):
    if not each:
        return [""] * 4
    return [each["hypervisor"] + each["user"], cost(each), table.short(each["exits"]),
            table.short(each["pages"])]


def report(found):
    rows = []
    for what, ours in found["setway"].items():
        rows.append([what] + cells(found["kvm"].get(what)) + cells(ours))
    return table.markdown(["once", "stock KVM", "EL2 + kernel + VMM", "exits", "pages",
                           "setway", "EL2 + kernel + VMM", "exits", "pages"], rows)
