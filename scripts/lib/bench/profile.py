# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions are, by function, of one guest's exits.

PROFILE names the guest and the policy: "armmp exact" unless told."""
import os
from collections import defaultdict

from . import guests, symbols, table

TITLE = "Profile"
GUEST, POLICY = (os.environ.get("PROFILE") or "armmp exact").split()
SHOWN = 40              # functions of a class
LEAST = 0.01            # of all instructions, for a class to be shown


def boots():
    each = guests.make_boot(GUEST, POLICY, blocks=True)
    each.name = f"profile-{each.name}"
    each.command += f" && {symbols.COMMAND}"
    return [each]


def results(done):
    each = done[f"profile-{guests.name(GUEST, POLICY)}"]
    found = guests.section(each, GUEST)
    names = symbols.Symbols(each.output, each.kvm, found.vector)
    functions = defaultdict(lambda: defaultdict(int))
    for words, address, _, executed in found.blocks:
        functions[words][names.name(address)] += executed
    return {words: {"exits": exits.exits, "functions": dict(functions[words])}
            for words, exits in found.rows()}


def merged(found):
    everything = defaultdict(int)
    for each in found.values():
        for function, executed in each["functions"].items():
            everything[function] += executed
    return {"exits": sum(each["exits"] for each in found.values()), "functions": everything}


def top(words, each):
    functions = sorted(each["functions"].items(), key=lambda item: -item[1])
    total = sum(each["functions"].values())
    rows = [["all", total, f"{total / each['exits']:,.1f}"]]
    rows += [[name, executed, f"{executed / each['exits']:,.1f}"]
             for name, executed in functions[:SHOWN]]
    return f"### {words}: {each['exits']:,} exits\n\n" + \
        table.markdown(["", "instructions", "each exit"], rows)


def report(found):
    everything = merged(found)
    least = LEAST * sum(everything["functions"].values())
    shown = {f"{GUEST}, {guests.POLICIES[POLICY]}: all exits": everything} | {
        words: each for words, each in found.items() if sum(each["functions"].values()) > least}
    return "\n".join(top(words, each) for words, each in shown.items())
