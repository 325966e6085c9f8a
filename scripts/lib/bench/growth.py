# SPDX-License-Identifier: GPL-2.0-only
"""What a batch with 100 accessed pages costs in larger and larger guests, and with more
and more vCPUs that batch (selftests/tools/batches.c).

The guest's RAM is one page of 1 GiB over and over, all of it mapped.  Stock KVM cleans
all of that, so there it ends where that would take minutes.
"""
from . import boot, exits, marks, table

TITLE = "Growth"
RAM = {"kvm": (0, 1, 2, 4, 8), "setway": (0, 1, 2, 4, 8, 64, 1024)}     # GiB; 0 is 256 MiB
CPUS = (1, 2, 4, 8)
BATCHES = "/selftests/bin/batches"


def name(what, host, number):
    return f"{what}{number}-{host}"


def make_boot(what, host, number):
    before, kvm = exits.HOSTS[host]
    return boot.Boot(name(what, host, number), f"{before} {BATCHES} {what} {number}", kvm=kvm)


def boots():
    return [make_boot("ram", host, gib) for host in RAM for gib in RAM[host]] + \
        [make_boot("cpus", host, cpus) for host in RAM for cpus in CPUS]


def result(done):
    (what, times, section), = marks.read(done)
    return marks.once(exits.chosen(what, section), times)


def results(done):
    return {"ram": {host: {str(gib): result(done[name("ram", host, gib)]) for gib in RAM[host]}
                    for host in RAM},
            "cpus": {host: {str(cpus): result(done[name("cpus", host, cpus)]) for cpus in CPUS}
                     for host in RAM}}


def size(gib):
    return f"{gib} GiB" if int(gib) else "256 MiB"


def rows(by_host, title):
    numbers = list(by_host["setway"])
    nothing = {"hypervisor": None, "pages": None}
    return [[title(number)] + [by_host[host].get(number, nothing)[what]
                               for host in ("kvm", "setway") for what in ("hypervisor", "pages")]
            for number in numbers]


def report(found):
    head = ["stock KVM: instructions", "pages cleaned", "setway: instructions", "pages cleaned"]
    return ("One batch with 100 accessed pages, by the guest's mapped RAM:\n\n" +
            table.markdown(["RAM", *head], rows(found["ram"], size)) +
            "\nOne batch of each vCPU's, with 100 accessed pages of its own, by their number:\n\n" +
            table.markdown(["vCPUs", *head], rows(found["cpus"], str)))
