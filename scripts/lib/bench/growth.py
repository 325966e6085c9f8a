# SPDX-License-Identifier: GPL-2.0-only
"""What a batch with 100 accessed pages costs in larger and larger guests, and with more
and more vCPUs that batch (selftests/tools/batches.c).

The guest's RAM is one page of 1 GiB over and over, all of it mapped.  Stock KVM cleans
all of that, so there it ends where that would take minutes.  How often a batch of setway's
reads or writes an entry of the tables is counted in the model of stage 2
(selftests/model/growth_test.c), where RAM of other layouts costs nothing.
"""
import subprocess

from . import boot, exits, marks, table

TITLE = "Growth"
RAM = {"kvm": (0, 1, 2, 4), "setway": (0, 1, 2, 4, 8, 64, 1024)}     # GiB; 0 is 256 MiB
CPUS = (1, 2, 4, 8)
BATCHES = "/selftests/bin/batches"
MODEL = boot.BUILD / "selftests/model/growth_test"
LAYOUTS = {"neighbours": "neighbours, RAM in blocks of 1 GiB",
           "alone": "each alone in its 2 MiB, RAM in blocks of 2 MiB",
           "everywhere": "all over the RAM, in blocks of 2 MiB"}


def programs(host):
    """Return (what grows, its number) of each program that a host runs."""
    return [("ram", gib) for gib in RAM[host]] + [("cpus", cpus) for cpus in CPUS]


def boots():
    return [exits.boot_of(f"growth-{host}", host, [f"{BATCHES} {what} {number}"
                                                   for what, number in programs(host)])
            for host in RAM]


def model():
    """Return the accesses to entries, by layout and GiB."""
    found = {}
    for line in subprocess.check_output([MODEL], text=True).splitlines():
        if line.startswith("# growth: "):
            layout, gib, entries = line.split()[2:]
            found.setdefault(layout, {})[gib] = int(entries)
    return found


def results(done):
    found = {"ram": {}, "cpus": {}, "model": model()}
    for host in RAM:
        for (what, number), (name, times, section) in zip(
                programs(host), marks.read(done[f"growth-{host}"]), strict=True):
            found[what].setdefault(host, {})[str(number)] = \
                marks.once(exits.chosen(name, section), times)
    return found


def size(gib):
    return f"{gib} GiB" if int(gib) else "256 MiB"


def rows(by_host, title):
    numbers = list(by_host["setway"])
    nothing = {"hypervisor": None, "pages": None}
    return [[title(number)] + [by_host[host].get(number, nothing)[what]
                               for host in ("kvm", "setway") for what in ("hypervisor", "pages")]
            for number in numbers]


def model_table(found):
    sizes = list(found["neighbours"])
    return table.markdown(["100 accessed pages", *map(size, sizes)],
                          [[title, *(found[layout][gib] for gib in sizes)]
                           for layout, title in LAYOUTS.items()])


def report(found):
    head = ["stock KVM: instructions", "pages cleaned", "setway: instructions", "pages cleaned"]
    return ("One batch with 100 accessed pages, by the guest's mapped RAM:\n\n" +
            table.markdown(["RAM", *head], rows(found["ram"], size)) +
            "\nOne batch of each vCPU's, with 100 accessed pages of its own, by their number:\n\n" +
            table.markdown(["vCPUs", *head], rows(found["cpus"], str)) +
            "\nOne batch with 100 accessed pages in the model of setway's stage 2, accesses to "
            "entries of the tables, by RAM:\n\n" + model_table(found["model"]))
