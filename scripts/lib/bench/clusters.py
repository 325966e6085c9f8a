# SPDX-License-Identifier: GPL-2.0-only
"""What clusters of each size cost the 32-bit Linux guest: measured here, and computed for
CPUs with caches by what is published of them (Documentation/bench.rst has the sources)."""
import dataclasses
import statistics

from . import boot, guests, symbols, table

TITLE = "Clusters"
GUEST = "armmp"
# Clusters up to so many are as large as they can be from the first fault on.
ALWAYS_FIXED = 4
GROWING = (1, 2, 4, 64)
FIXED = (8, 16, 32, 64)
DEFAULT = "4 or 16, to 64"
FIRST_TOUCH, AGAIN = "fault, pages cleaned", "fault, nothing cleaned"
BATCHES = ("Set/Way operation", "caches on or off", "hypercall")


@dataclasses.dataclass(frozen=True)
class Costs:
    """What each costs, in cycles, or in instructions of QEMU's."""
    title: str
    exit: float         # a first touch, without the pages that it cleans
    answer: float       # a revalidation at EL2
    page: float         # a page to clean
    rest: float = 0     # what all sizes have alike: new pages mapped, exits without a batch


# A round trip to the host's kernel and back: 6,500 cycles in 2016, 2,729 in 2017; to EL2
# alone: 376.  What is then executed is added, an instruction a cycle.
WORK, ANSWER_WORK = 1000, 200
EXITS = {"6,500": 6500 + WORK, "2,729": 2729 + WORK}
ANSWER = 376 + ANSWER_WORK
PAGES = {"640": 640, "2,220": 2220, "5,120": 5120}
CORES = [Costs(f"exit {e}, page {p}", EXITS[e], ANSWER, PAGES[p]) for e in EXITS for p in PAGES]


def schemes():
    """Return (name, title, size, whether it is fixed) of each."""
    growing = [(f"growing-{n}", str(n) if n <= ALWAYS_FIXED else f"4 or 16, to {n}", n, False)
               for n in GROWING]
    return growing + [(f"fixed-{n}", str(n), n, True) for n in FIXED]


def make_boot(name, size, fixed):
    each = guests.make_boot(GUEST, "exact")
    module = ("--module", boot.BUILD / f"module-{symbols.series()}-fixed/setway.ko")
    each.name = f"cluster-{name}"
    each.options = ("--env", f"MODULE_ARGS=cluster={size}", *(module if fixed else ()))
    return each


def boots():
    return [make_boot(name, size, fixed) for name, _, size, fixed in schemes()]


def result(found):
    """What a cost is made of, and what it was here."""
    each = guests.result(found)
    classes = each["classes"]
    took = {words: one["el2"] + one["kernel"] - one["zeroing"] for words, one in classes.items()}
    return {
        "first_touches": classes[FIRST_TOUCH]["exits"],
        "revalidations": classes[AGAIN]["exits"],
        "pages_by_faults": each["pages_by_faults"],
        "pages_by_batches": each["pages_by_batches"],
        "exits_to_host": each["exits_to_host"],
        "answers": took[AGAIN],
        "batches": sum(took[words] for words in BATCHES),
        "batches_pages": sum(classes[words]["pages"] for words in BATCHES),
        "instructions": sum(took[words] for words in (FIRST_TOUCH, AGAIN, *BATCHES)),
    }


def results(done):
    return {title: result(guests.section(done[f"cluster-{name}"], GUEST))
            for name, title, _, _ in sorted(schemes(), key=lambda each: (each[2], each[3]))}


def pages(each):
    return each["pages_by_faults"] + each["pages_by_batches"]


def of_qemu(found):
    """Find what a revalidation and a page took, and from what is left, a first touch."""
    sizes = found.values()
    answer = sum(each["answers"] for each in sizes) / sum(each["revalidations"] for each in sizes)
    page = sum(each["batches"] for each in sizes) / sum(each["batches_pages"] for each in sizes)
    first_touch, rest = statistics.linear_regression(
        [each["first_touches"] for each in sizes],
        [each["instructions"] - each["answers"] - page * pages(each) for each in sizes])
    return Costs("QEMU, computed", first_touch, answer, page, rest)


def cost(costs, each):
    return (costs.exit * each["first_touches"] + costs.answer * each["revalidations"] +
            costs.page * pages(each) + costs.rest)


def counted(found):
    rows = [[title, each["first_touches"], each["revalidations"], each["pages_by_faults"],
             each["pages_by_batches"], each["exits_to_host"]] for title, each in found.items()]
    return table.markdown(["pages of a cluster", "first touches", "revalidations",
                           "pages cleaned at faults", "by batches", "exits to the host"], rows)


def computed(found, all_costs):
    """By scheme; below, how much more the default's is than the least."""
    columns = [[each["instructions"] for each in found.values()]] + \
        [[cost(costs, each) for each in found.values()] for costs in all_costs]
    rows = [[title, *(table.millions(column[i]) for column in columns)]
            for i, title in enumerate(found)]
    default = list(found).index(DEFAULT)
    rows.append(["the default is above the least by",
                 *(f"{100 * (column[default] / min(column) - 1):.0f} %" for column in columns)])
    return table.markdown(["pages of a cluster", "QEMU, measured",
                           *(costs.title for costs in all_costs)], rows)


def report(found):
    qemu = of_qemu(found)
    return (f"{guests.GUESTS[GUEST][0]}, setway exact\n\n{counted(found)}\n"
            f"In QEMU a first touch takes {qemu.exit:,.0f} instructions and {qemu.page:,.0f} for "
            f"each page, a revalidation {qemu.answer:,.0f}.  Faults and batches together:\n\n" +
            computed(found, [qemu, *CORES]))
