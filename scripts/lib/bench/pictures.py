# SPDX-License-Identifier: GPL-2.0-only
"""Pictures of the results, by gnuplot, as SVG."""
import shutil
import subprocess

from . import boot, guests

STYLE = """set terminal svg size 900,520 dynamic enhanced font "sans,13" background "white"
set output "{name}.svg"
set title "{title}" noenhanced
set key outside right top noenhanced
set grid ytics lc rgb "#cccccc"
set border 3
set tics nomirror
"""
STACKED = """set style data histograms
set style histogram rowstacked
set style fill solid 0.9 border -1
set boxwidth 0.7
set xtics rotate by 40 right noenhanced font ",11"
"""
SHOWN = 7               # classes with a colour of their own


def quoted(text):
    return '"' + str(text).replace('"', "") + '"'


def data(head, rows):
    return "$data << EOD\n" + "\n".join(
        " ".join(quoted(cell) if isinstance(cell, str) else f"{cell:g}" for cell in row)
        for row in [head, *rows]) + "\nEOD\n"


def stacked(name, title, unit, head, rows):
    """Columns of parts, one on the other."""
    plots = ", ".join(f"$data using {i + 2}{':xtic(1)' if not i else ''} title columnheader({i + 2})"
                      for i in range(len(head) - 1))
    return STYLE.format(name=name, title=title) + STACKED + \
        f"set ylabel {quoted(unit)}\n" + data(head, rows) + f"plot {plots}\n"


def exits_by_class(found):
    """Of all guests' classes those with most exits, and the others together."""
    columns = [(f"{guest} {policy}", each["classes"]) for guest, by_policy in found.items()
               for policy, each in by_policy.items()]
    most = {}
    for _, classes in columns:
        for words, each in classes.items():
            most[words] = max(most.get(words, 0), each["exits"])
    shown = sorted(most, key=most.get, reverse=True)[:SHOWN]
    rows = [[title] + [classes[words]["exits"] if words in classes else 0 for words in shown] +
            [sum(each["exits"] for words, each in classes.items() if words not in shown)]
            for title, classes in columns]
    return stacked("exits-by-class", "Exits by class, until userspace or the prompt", "exits",
                   ["", *shown, "others"], rows)


def pages_by_batch(found):
    """The armmp guest's batches, in their order."""
    rows = []
    by_policy = {policy: [pages for _, pages in each["batches"]]
                 for policy, each in found["armmp"].items()}
    for i in range(max(map(len, by_policy.values()))):
        rows.append([str(i + 1)] + [batches[i] if i < len(batches) else 0
                                    for batches in by_policy.values()])
    head = ["", *(guests.POLICIES[policy] for policy in by_policy)]
    plots = ", ".join(f"$data using {i + 2}{':xtic(1)' if not i else ''} title columnheader({i + 2})"
                      for i in range(len(head) - 1))
    return (STYLE.format(name="pages-by-batch", title="Pages cleaned by each batch of the armmp guest")
            + 'set style data histograms\nset style fill solid 0.9 border -1\n'
            + 'set ylabel "pages of 4 KiB"\nset xlabel "batch"\n' + data(head, rows)
            + f"plot {plots}\n")


def parts_of_exits(found):
    rows = []
    for what, ours in found["setway"].items():
        if what.startswith(("batch", "operation", "SGI", "touch")):
            continue
        for title, each in (("KVM", found["kvm"][what]), ("setway", ours)):
            rows.append([f"{what}, {title}", each["el2"], each["kernel"], each["user"]])
    return stacked("parts-of-exits", "Instructions of an exit, by where they are", "instructions",
                   ["", "EL2", "host's kernel", "VMM"], rows)


def cost_by_ram(found):
    lines, plots = "", []
    for host, by_gib in found["ram"].items():
        lines += f"${host} << EOD\n" + "\n".join(
            f"{int(gib) or 0.25:g} {each['hypervisor']:g}" for gib, each in by_gib.items()) + "\nEOD\n"
        plots.append(f"${host} using 1:2 with linespoints lw 2 pt 7 title "
                     f"{quoted('stock KVM' if host == 'kvm' else 'setway exact')}")
    return (STYLE.format(name="cost-by-ram",
                         title="A batch with 100 accessed pages, by the guest's RAM")
            + 'set logscale xy\nset xlabel "GiB"\nset ylabel "instructions"\n' + lines
            + "plot " + ", ".join(plots) + "\n")


def panel(title, head, rows):
    """One half of a picture: columns of parts, one on the other."""
    plots = ", ".join(f"$data using {i + 2}{':xtic(1)' if not i else ''} title columnheader({i + 2})"
                      for i in range(len(head) - 1))
    return f"set title {quoted(title)} noenhanced\n" + data(head, rows) + f"plot {plots}\nundefine $data\n"


def summary(found):
    """The Linux guests: what the hypervisor executed for them, and what batches cleaned."""
    millions, pages = [], []
    for guest in guests.LINUX:
        for policy, title in guests.POLICIES.items():
            each, name = found[guest][policy], f"{guest}, {title}"
            millions.append([name] + [part / 1e6 for part in (
                each["el2"], each["kernel"] - each["zeroing"], each["zeroing"])])
            pages.append([name, each["pages_by_batches"]])
    return (STYLE.format(name="summary", title="") + STACKED +
            "set terminal svg size 900,420 dynamic enhanced font 'sans,12' background 'white'\n"
            "set key inside top right\nset multiplot layout 1,2\n" +
            panel("Millions of instructions of the hypervisor",
                  ["", "EL2", "host's kernel", "it zeroes new pages"], millions) +
            "set key off\n" + panel("Pages cleaned by batches", ["", "pages"], pages) +
            "unset multiplot\n")


PICTURES = {"guests": (exits_by_class, pages_by_batch, summary), "exits": (parts_of_exits,),
            "growth": (cost_by_ram,)}


def draw(found):
    """Draw what there are results for."""
    if not shutil.which("gnuplot"):
        print("bench: no gnuplot, no pictures")
        return
    for part, pictures in PICTURES.items():
        for picture in pictures if part in found else ():
            subprocess.run(["gnuplot"], input=picture(found[part]), text=True, check=True,
                           cwd=boot.BENCH)
