# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions are, by function: of one guest's exits, or of each kind of exit
by itself.

PROFILE names the guest and the policy, "armmp exact" unless told; or "exits" and the
host, "exits kvm" or "exits setway"."""
import os
from collections import defaultdict

from . import exits, guests, marks, symbols, table

TITLE = "Profile"
GUEST, POLICY = (os.environ.get("PROFILE") or "armmp exact").split()
BY_KIND = GUEST == "exits"
SHOWN = 40              # functions of a class
LEAST = 0.01            # of all instructions, for a class to be shown


def make_boot():
    if BY_KIND:
        return exits.make_boot(POLICY, blocks=True)
    return guests.make_boot(GUEST, POLICY, blocks=True)


def boots():
    each = make_boot()
    each.name = f"profile-{each.name}"
    each.command += f" && {symbols.COMMAND}"
    return [each]


def by_function(section, names, wanted):
    """Return what each function executed in exits of the classes that are wanted."""
    functions = defaultdict(int)
    for words, address, _, executed in section.blocks:
        if wanted(words):
            functions[names.name(address)] += executed
    return functions


def of_kinds(done):
    found = marks.read(done)
    names = symbols.Symbols(done.output, done.kvm, found[0][2].vector)
    return {what: {"exits": times, "functions": by_function(
                section, names, lambda words, what=what: exits.counts(what, words))}
            for what, times, section in found}


def of_guest(done):
    section = guests.section(done, GUEST)
    names = symbols.Symbols(done.output, done.kvm, section.vector)
    return {words: {"exits": each.exits, "functions": by_function(
                section, names, lambda found, words=words: found == words)}
            for words, each in section.rows()}


def results(done):
    each = done[f"profile-{GUEST}-{POLICY}"]
    return of_kinds(each) if BY_KIND else of_guest(each)


def merged(found):
    everything = defaultdict(int)
    for each in found.values():
        for function, executed in each["functions"].items():
            everything[function] += executed
    return {"exits": sum(each["exits"] for each in found.values()), "functions": everything}


def top(words, each):
    functions = sorted(each["functions"].items(), key=lambda item: -item[1])
    owners = defaultdict(int)
    for name, executed in functions:
        owners[f"**{symbols.owner(name)}**"] += executed
    rows = [["**all**", sum(owners.values())], *sorted(owners.items()), *functions[:SHOWN]]
    rows = [[name, executed, f"{executed / each['exits']:,.1f}"] for name, executed in rows]
    return f"### {words}: {each['exits']:,} exits\n\n" + \
        table.markdown(["", "instructions", "each exit"], rows)


def report(found):
    everything = merged(found)
    title = f"{GUEST} {POLICY}" if BY_KIND else f"{GUEST}, {guests.POLICIES[POLICY]}"
    least = LEAST * sum(everything["functions"].values())
    shown = {f"{title}: all exits": everything} | {
        words: each for words, each in found.items()
        if BY_KIND or sum(each["functions"].values()) > least}
    return "\n".join(top(words, each) for words, each in shown.items())
