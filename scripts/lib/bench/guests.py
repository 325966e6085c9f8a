# SPDX-License-Identifier: GPL-2.0-only
"""What whole guests cost: Linux until its first program, U-Boot until its prompt or,
the 64-bit one, until the image that it starts runs."""
import dataclasses

from . import boot, table

TITLE = "Guests"
GUESTS = {
    "armmp": ("Linux, 32-bit, 2 CPUs", 2),
    "arm64": ("Linux, 64-bit, 4 CPUs", 4),
    "u-boot32": ("U-Boot, 32-bit", 1),
    "u-boot": ("U-Boot, 64-bit", 1),
}
LINUX = ("armmp", "arm64")
POLICIES = {"kvm": "stock KVM", "full": "setway full", "exact": "setway exact"}


def name(guest, policy):
    return f"{guest}-{policy}"


def make_boot(guest, policy, **options):
    command = f"sh /selftests/bin/guest-bench.sh {guest} {GUESTS[guest][1]} {policy}"
    if policy != "kvm":
        command = f"insmod /setway.ko $MODULE_ARGS && {command}"
    return boot.Boot(name(guest, policy), command, kvm=policy == "kvm", guests=True, **options)


def boots():
    return [make_boot(guest, policy) for guest in GUESTS for policy in POLICIES]


def section(done, guest):
    return done.section("end" if guest.startswith("u-boot") else "userspace")


def result(found):
    total = found.total()
    return {
        "exits": total.exits, "exits_to_host": total.to_host, "el2": total.el2,
        "kernel": total.kernel, "zeroing": total.zeroing, "user": total.user,
        "guest": found.guest,
        "pages_by_batches": found.pages_by_batches(), "pages_by_faults": found.pages_by_faults(),
        "batches": found.batches,
        "classes": {words: dataclasses.asdict(each) for words, each in found.rows()},
    }


def results(done):
    return {guest: {policy: result(section(done[name(guest, policy)], guest))
                    for policy in POLICIES} for guest in GUESTS}


def summary(by_policy, titles):
    rows = [("exits", lambda r: r["exits"]),
            ("exits to the host", lambda r: r["exits_to_host"]),
            ("batches that cleaned", lambda r: len(r["batches"])),
            ("pages cleaned by batches", lambda r: r["pages_by_batches"]),
            ("pages cleaned at faults", lambda r: r["pages_by_faults"]),
            ("instructions at EL2", lambda r: table.millions(r["el2"])),
            ("instructions of the host's kernel", lambda r: table.millions(r["kernel"])),
            ("both", lambda r: table.millions(r["el2"] + r["kernel"])),
            ("both, without zeroing of new pages",
             lambda r: table.millions(r["el2"] + r["kernel"] - r["zeroing"])),
            ("instructions of the VMM", lambda r: table.millions(r["user"])),
            ("instructions of the guest", lambda r: table.millions(r["guest"]))]
    return table.markdown(["", *titles.values()],
                          [[title, *(get(by_policy[policy]) for policy in titles)]
                           for title, get in rows])


def classes(by_policy, titles):
    """By class: how many exits, and EL2's and the kernel's instructions of one."""
    names = list(dict.fromkeys(words for each in by_policy.values() for words in each["classes"]))
    rows = []
    for words in names:
        row = [words]
        for policy in titles:
            each = by_policy[policy]["classes"].get(words)
            row += [each["exits"], f"{each['el2'] / each['exits']:,.0f} + "
                    f"{each['kernel'] / each['exits']:,.0f}"] if each else ["", ""]
        rows.append(row)
    head = [""]
    for title in titles.values():
        head += [title, "each"]
    return table.markdown(head, rows)


def sections(found, titles):
    """Both tables of each guest."""
    return "\n".join(f"### {GUESTS[guest][0]}\n\n"
                     f"{summary(by_policy, titles)}\n{classes(by_policy, titles)}"
                     for guest, by_policy in found.items())


def report(found):
    return sections(found, POLICIES)
