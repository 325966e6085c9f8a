# SPDX-License-Identifier: GPL-2.0-only
"""What an exit costs, each kind by itself (selftests/tools/exits.c)."""
from . import boot, table

TITLE = "Instructions of an exit"
COMMAND = "/selftests/bin/exits"


def boots():
    return [boot.Boot("exits", f"insmod /setway.ko && {COMMAND}"),
            boot.Boot("exits-kvm", f"SETWAY_DEVICE=/dev/kvm {COMMAND}", kvm=True)]


def lines(text):
    """Return what the program printed, as numbers by name."""
    return {words[0]: int(words[1]) for words in map(str.split, text.splitlines())
            if len(words) == 2 and words[1].isdigit()}


def results(done):
    return {"setway": lines(done["exits"].output), "kvm": lines(done["exits-kvm"].output)}


def report(found):
    rows = [[name.replace("_", " "), found["kvm"].get(name), count]
            for name, count in found["setway"].items()]
    return table.markdown(["", "stock KVM", "setway"], rows)
