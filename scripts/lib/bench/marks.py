# SPDX-License-Identifier: GPL-2.0-only
"""Sections that programs marked by themselves (selftests/lib/mark.h), by the names that they
printed: "mark NUMBER TIMES NAME"."""


def read(done):
    """Return (name, times, section) of each mark of a boot, in the order printed.

    Each program prints its marks in the order in which it came to them."""
    found, sections = [], iter(done.sections)
    for line in done.output.splitlines():
        fields = line.split(None, 3)
        if len(fields) == 4 and fields[0] == "mark":
            section = next(each for each in sections if each.name == "mark-" + fields[1])
            found.append((fields[3].strip(), int(fields[2]), section))
    return found


def once(exits, times):
    """Return what one of so many cost."""
    return {"exits": exits.exits / times, "el2": exits.el2 / times,
            "kernel": exits.kernel / times, "user": exits.user / times,
            "hypervisor": exits.hypervisor / times, "pages": exits.pages / times}
