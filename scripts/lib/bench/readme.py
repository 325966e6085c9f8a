# SPDX-License-Identifier: GPL-2.0-only
"""The results in short, for README: what Linux guests cost, and what an exit does."""
from . import exits, growth, guests, table, xen

PARTS = ("guests", "exits")
IF_THERE = ("xen", "growth")
PICTURE = "Documentation/bench.svg"
HEAD = ["", "exits to the host", "pages cleaned by batches", "instructions at EL2",
        "of the host's kernel", "of both, without zeroing of new pages"]
FROM = """From `make bench` of {date}: setway {setway}, Linux {kernel}, {cpu}, {qemu}.
`make bench && make bench-readme` writes this anew.
"""


def row(title, each):
    return [title, each["exits_to_host"], each["pages_by_batches"], table.millions(each["el2"]),
            table.millions(each["kernel"]),
            table.millions(each["el2"] + each["kernel"] - each["zeroing"])]


def guest_rows(results, guest):
    """By policy; Xen has no host, and the 32-bit guest only."""
    rows = [row(title, results["guests"][guest][policy])
            for policy, title in guests.POLICIES.items()]
    if guest == "armmp" and "xen" in results:
        rows[1:1] = [row(f"Xen {xen.short(results['xen']['release'])}, {cpu}", each)
                     for cpu, each in results["xen"]["cpus"].items()]
    return rows


def exit_rows(found):
    """Of the kinds of exits, not of batches."""
    return [[what, exits.cost(found["kvm"][what]), exits.cost(ours)]
            for what, ours in found["setway"].items() if exits.is_kind(what)]


def growth_words(by_host):
    """Say what a batch costs in the smallest guest and in the largest."""
    words = []
    for host, title in (("kvm", "stock KVM"), ("setway", "setway")):
        (first, least), *_, (last, most) = by_host[host].items()
        words.append(f"{least['hypervisor']:,.0f} instructions of {title}'s with "
                     f"{growth.size(first)} of RAM, {most['hypervisor']:,.0f} with "
                     f"{growth.size(last)}")
    return "A batch with 100 accessed pages takes " + "; ".join(words) + ".\n"


def text(entries):
    """Return it as Markdown."""
    results = {name: each["results"] for name, each in entries.items()}
    parts = [f"**{guests.GUESTS[guest][0]}**, to its first program:\n\n" +
             table.markdown(HEAD, guest_rows(results, guest)) for guest in guests.LINUX]
    parts += [f"![What the hypervisor executed, and the pages that batches cleaned]({PICTURE})\n",
              "One exit, instructions of EL2 + the host's kernel (+ the VMM); none where nothing "
              "traps, or, of idle pages, where there are none:\n\n" +
              table.markdown(["", "stock KVM", "setway"], exit_rows(results["exits"])),
              *([growth_words(results["growth"]["ram"])] if "growth" in results else []),
              FROM.format(**entries["guests"]["versions"])]
    return "\n".join(parts)
