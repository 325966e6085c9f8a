# SPDX-License-Identifier: GPL-2.0-only
"""Access flags as the tracker, policy af, beside exact, on a CPU that has them: whole guests,
and batches."""
from . import boot, exits, guests, marks, table

TITLE = "Access flags"
# Pointer authentication as the architecture has it takes QEMU most of its time.
CPU = "max,pauth-impdef=on"
POLICIES = {"exact": "setway exact", "af": "setway af"}
BATCHES = ["/selftests/bin/batches pages", "/selftests/bin/batches alone"]


def guest_boot(guest, policy):
    each = guests.make_boot(guest, policy, cpu=CPU)
    each.name = f"max-{each.name}"
    return each


def batches_boot(policy):
    return exits.boot_of(f"batches-{policy}", "setway", BATCHES, cpu=CPU,
                         options=("--env", f"MODULE_ARGS=policy={policy}"))


def boots():
    return [guest_boot(guest, policy) for guest in guests.LINUX for policy in POLICIES] + \
        [batches_boot(policy) for policy in POLICIES]


def results(done):
    return {
        "guests": {guest: {policy: guests.result(guests.section(
            done[f"max-{guests.name(guest, policy)}"], guest)) for policy in POLICIES}
            for guest in guests.LINUX},
        "exits": {policy: {what: marks.once(exits.chosen(what, section), times)
                           for what, times, section in marks.read(done[f"batches-{policy}"])}
                  for policy in POLICIES},
    }


def report(found):
    head = ["once"]
    for title in POLICIES.values():
        head += [title, "EL2 + kernel", "exits", "pages"]
    by_policy = found["exits"]
    rows = [[what] + [cell for policy in POLICIES for cell in exits.cells(by_policy[policy][what])]
            for what in by_policy["exact"]]
    return table.markdown(head, rows) + "\n" + guests.sections(found["guests"], POLICIES)
