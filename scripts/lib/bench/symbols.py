# SPDX-License-Identifier: GPL-2.0-only
"""Names for addresses: of EL2's image, of the host's kernel and its modules, and of the
part of KVM that runs at EL2."""
import base64
import bisect
import gzip
import os
import subprocess

from . import boot

# At the end of a boot's output, by COMMAND.
MARK = "bench: kallsyms"
COMMAND = f"echo; echo {MARK}; gzip -c /proc/kallsyms | base64"

VECTOR_HOST_SYNC = 0x400        # of a vector table: an exception from EL1
KVM_PREFIX = "__kvm_nvhe_"
KVM_VECTORS = "__kvm_hyp_host_vector"
SETWAY_VECTORS = "el2_host_vectors"
TEXT = "tTwW"
KERNEL_HALF = 1 << 63


def parse(lines):
    """Return (address, name) of functions, from lines as nm and kallsyms have them.

    Behind the name is the module that kallsyms has: "vcpu_run [setway]"."""
    found = []
    for line in lines:
        fields = line.split()
        if len(fields) >= 3 and fields[1] in TEXT:
            found.append((int(fields[0], 16), " ".join(fields[2:])))
    return found


def kallsyms(output):
    text = output.split(MARK + "\n", 1)[1]
    return parse(gzip.decompress(base64.b64decode("".join(text.split()))).decode().splitlines())


def series():
    return os.environ.get("KERNEL") or subprocess.check_output(
        [boot.SCRIPTS / "lib/default-kernel"], text=True).strip()


def image():
    """Return setway's symbols at EL2, relative to where it is loaded."""
    elf = boot.BUILD / f"module-{series()}/module/el2/nvhe/el2.elf"
    return parse(subprocess.check_output(["nm", elf], text=True).splitlines())


def moved(found, vectors, vector):
    """Move symbols to where they run, by where one of them is seen to."""
    offset = vector - VECTOR_HOST_SYNC - dict((name, address) for address, name in found)[vectors]
    return [(address + offset, name) for address, name in found]


def owner(name):
    """Say whose function it is, by the name that Symbols gives it."""
    if name == "programs":
        return "the VMM and others"
    if name.startswith("EL2 "):
        return "EL2"
    return "setway's module" if name.endswith("[setway]") else "the host's kernel"


class Symbols:
    """All of a host's."""

    def __init__(self, output, kvm, vector):
        kernel = kallsyms(output)
        if kvm:
            el2 = moved([(address, name[len(KVM_PREFIX):]) for address, name in kernel
                         if name.startswith(KVM_PREFIX)], KVM_VECTORS, vector)
        else:
            el2 = moved(image(), SETWAY_VECTORS, vector)
        self.el2, self.kernel = sorted(el2), sorted(kernel)
        self.el2_end = self.el2[-1][0] + 0x10000

    def name(self, address):
        """Name the function that an address is in."""
        table, prefix = self.kernel, ""
        if self.el2[0][0] <= address < self.el2_end:
            table, prefix = self.el2, "EL2 "
        elif address < KERNEL_HALF:
            return "programs"
        i = bisect.bisect_right(table, (address, chr(0x10ffff))) - 1
        return prefix + table[i][1] if i >= 0 else f"{address:#x}"
