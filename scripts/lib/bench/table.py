# SPDX-License-Identifier: GPL-2.0-only
"""Tables, as Markdown that can be read as it is."""


def number(value):
    """Write a count; in thousands where there are many."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}"


def short(value):
    """Write a small number, with two digits of what is not whole."""
    return f"{value:,.0f}" if value >= 100 or abs(value - round(value)) < 0.005 else f"{value:.2f}"


def millions(value):
    return f"{value / 1e6:.1f} M"


def markdown(head, rows):
    """Return a table; what is not in the first column is aligned to the right."""
    cells = [[number(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row):
        first, *others = (cell for cell in zip(row, widths))
        return "| " + " | ".join([first[0].ljust(first[1])] +
                                 [cell.rjust(width) for cell, width in others]) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2)] + ["-" * (w + 1) + ":" for w in widths[1:]]) + "|"
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])]) + "\n"
