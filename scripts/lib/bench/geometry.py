# SPDX-License-Identifier: GPL-2.0-only
"""Guests that see the caches that the CPU has, and not one line of one set: nothing about
caches traps but each operation of a loop.  What they cost otherwise is in guests.py's."""
from . import boot, guests, symbols

TITLE = "Real geometry"
POLICIES = {"geometry": "setway exact, real geometry"}
GUESTS = ("armmp", "u-boot32", "u-boot")


def make_boot(guest):
    each = guests.make_boot(guest, "exact")
    each.name = f"geometry-{guest}"
    each.options = ("--module", boot.BUILD / f"module-{symbols.series()}-geometry/setway.ko")
    return each


def boots():
    return [make_boot(guest) for guest in GUESTS]


def results(done):
    return {guest: {"geometry": guests.result(guests.section(done[f"geometry-{guest}"], guest))}
            for guest in GUESTS}


def report(found):
    return guests.sections(found, POLICIES)
