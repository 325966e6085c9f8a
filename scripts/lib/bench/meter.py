# SPDX-License-Identifier: GPL-2.0-only
"""What the plugin wrote (meter/counts.c), as objects.

A section ends with its line, and has what was counted since the one before.
"""
import dataclasses
from collections import defaultdict

from . import causes

LINES_PER_PAGE = 64
RETRIED, ADVANCED, KERNEL, USER, CLEANED = 1, 2, 4, 8, 16
FAULT = causes.words(causes.EC_DATA << 26, True, False, False)
BLOCK_PAGES = 512       # what a fault maps, and cleans before, at most


@dataclasses.dataclass
class Exits:
    """Exits of one class, or of several together."""
    exits: int = 0
    to_host: int = 0
    to_user: int = 0
    el2: int = 0
    kernel: int = 0
    user: int = 0
    pages: float = 0
    zeroing: int = 0                # of the kernel's
    least: int = 0

    def add(self, other):
        self.least = min(self.least or other.least, other.least or self.least)
        for name in ("exits", "to_host", "to_user", "el2", "kernel", "user", "pages", "zeroing"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def hypervisor(self):
        """Instructions of EL2 and of the host's kernel."""
        return self.el2 + self.kernel


class Section:
    """What was counted up to a moment."""

    def __init__(self):
        self.name, self.guest, self.vector = "", 0, 0
        self.by_words = defaultdict(Exits)
        self.batches = []           # (words, pages cleaned)
        self.blocks = []            # (words, address, instructions of the block, executed)
        self.class_words = []

    def add_line(self, kind, fields):
        getattr(self, "add_" + kind)(fields)

    def add_cleaned(self, fields):
        """More than a fault cleans is a batch, whatever the exit was that it came in."""
        words = causes.words(int(fields[0], 16), True, False, False)
        pages = int(fields[1]) / LINES_PER_PAGE
        if words != FAULT or pages > BLOCK_PAGES:
            self.batches.append((words, pages))

    def add_class(self, fields):
        cause, outcome = int(fields[0], 16), int(fields[1])
        count, el2, kernel, user, lines, zeroing, least = map(int, fields[2:])
        words = causes.words(cause, outcome & CLEANED, outcome & ADVANCED, outcome & USER)
        self.class_words.append(words)
        self.by_words[words].add(Exits(
            count, count if outcome & (KERNEL | USER) else 0, count if outcome & USER else 0,
            el2, kernel, user, lines / LINES_PER_PAGE, zeroing, least))

    def add_block(self, fields):
        self.blocks.append((self.class_words[int(fields[0])], int(fields[1], 16),
                            int(fields[2]), int(fields[3])))

    def finish(self, fields):
        self.name, self.guest, self.vector = fields[0], int(fields[1]), int(fields[2], 16)

    def total(self):
        total = Exits()
        for each in self.by_words.values():
            total.add(each)
        return total

    def pages_by_faults(self):
        big = sum(pages for words, pages in self.batches if words == FAULT)
        return self.by_words.get(FAULT, Exits()).pages - big

    def pages_by_batches(self):
        return self.total().pages - self.pages_by_faults()

    def rows(self):
        """The classes, in the order that tables have."""
        return [(words, self.by_words[words]) for words in causes.ORDER if words in self.by_words]


def read(path):
    """Return the sections of a file, in their order."""
    sections, section = [], Section()
    with open(path, encoding="ascii") as lines:
        for line in lines:
            kind, *fields = line.split()
            if kind == "section":
                section.finish(fields)
                sections.append(section)
                section = Section()
            else:
                section.add_line(kind, fields)
    return sections
