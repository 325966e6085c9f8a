# SPDX-License-Identifier: GPL-2.0-only
"""What gdb does to a U-Boot that waits in QEMU's gdbstub, for scripts/check-qemu.

    GDB_PORT=... GDB_WIDTH=64|32 GDB_PC=0x... \\
        gdb-multiarch -nx -batch -x scripts/lib/gdb-u-boot.py

It stops U-Boot at its Set/Way loop, steps through it and out of it, watches a variable,
and lets it go.  TAP.
"""
import os

import gdb

PORT = os.environ["GDB_PORT"]
WIDTH = os.environ["GDB_WIDTH"]
LOOP = int(os.environ["GDB_PC"], 16)
STEPS = 13	# the 32-bit loop borrows the register of FLAGS until then

# U-Boot's gd points to a pointer and the flags behind it, and is kept in a register.
FLAGS = {"64": "*(unsigned long *)($x18 + 8)", "32": "*(unsigned int *)($x9 + 4)"}[WIDTH]
NEAR = 256		# bytes of the Set/Way loop and around it
INSTRUCTION = 4
results = [0, 0]


def result(passed, name):
    results[not passed] += 1
    print(f"{'ok' if passed else 'not ok'} {sum(results)} - gdb, {WIDTH} bits: {name}", flush=True)


def pc():
    return int(gdb.parse_and_eval("(unsigned long)$pc")) & (1 << int(WIDTH)) - 1


def value(expression):
    return int(gdb.parse_and_eval(expression))


def run(command):
    return gdb.execute(command, to_string=True)


def step():
    """Return why the step went wrong, or nothing.

    QEMU shows gdb a 32-bit guest as one of 64 bits, so its instructions are not known.
    """
    here, instruction = pc(), run("x/i $pc").split(":", 1)[-1].split()
    run("stepi")
    if pc() in (here + INSTRUCTION, *targets(instruction)):
        return ""
    if WIDTH == "32" and pc() != here and abs(pc() - LOOP) < NEAR:
        return ""
    return f"from {here:#x}, {' '.join(instruction)}, to {pc():#x}"


def targets(instruction):
    """Where a branch may go."""
    if instruction[0] in ("ret", "br", "blr", "bx", "blx", "pop"):
        return [pc()]
    return [int(word, 16) for word in instruction if word.startswith("0x")]


def software_breakpoint():
    """Where the steps have led, after one more round of what led there."""
    here = pc()
    run(f"set $pc = {LOOP:#x}")
    run(f"break *{here:#x}")
    run("continue")
    result(pc() == here, f"stopped by BRK at {pc():#x}")
    run("delete")


def session():
    run("set confirm off")
    run("set pagination off")
    run("set remotetimeout 120")
    run("set architecture aarch64")
    run(f"target remote {PORT}")
    result(pc() == 0, f"U-Boot waits at {pc():#x}")
    run(f"hbreak *{LOOP:#x}")
    run("continue")
    where = " ".join(run("x/i $pc").split(":", 1)[-1].split())
    result(pc() == LOOP, f"stopped at {pc():#x}, in the Set/Way loop" +
           f": {where}" * (WIDTH == "64"))
    run("delete")
    run("stepi")
    result(pc() == LOOP + INSTRUCTION, f"stepped over the operation, to {pc():#x}")
    wrong = [why for why in (step() for _ in range(STEPS)) if why]
    result(not wrong, f"{STEPS} steps more, to {pc():#x} {wrong or ''}")
    if WIDTH == "64":
        software_breakpoint()
    before = value(FLAGS)
    run(f"watch -location {FLAGS}")
    run("continue")
    after = value(FLAGS)
    result(before != after, f"gd->flags was {before:#x}, and {after:#x} at {pc():#x}")
    run("delete")
    run("detach")


try:
    session()
except gdb.error as error:
    result(False, str(error))
print(f"# totals: {results[0]} passed, {results[1]} failed, 0 skipped", flush=True)
