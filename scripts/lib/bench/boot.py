# SPDX-License-Identifier: GPL-2.0-only
"""One boot of a QEMU host with the meter in it.

QEMU executes one instruction a nanosecond and keeps no other time, on one CPU, and
what is random in a boot is fixed: so a boot's counts are the same each time.
"""
import concurrent.futures
import dataclasses
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import meter

SCRIPTS = Path(__file__).resolve().parent.parent.parent
BUILD = SCRIPTS.parent / "build"
BENCH = BUILD / "bench"
LIMIT = 1500

QEMU = "-icount shift=0,sleep=off -machine dtb-randomness=off -rtc base=2026-01-01,clock=vm"
# For so long after its boot a 6.12 kernel has much to do in the background.
SETTLE = "sleep 20; "
KERNEL = "nokaslr norandmaps randomize_kstack_offset=off"


@dataclasses.dataclass
class Boot:
    """What to boot, and what came of it."""
    name: str
    command: str
    kvm: bool = False
    guests: bool = False            # put the Linux guests in
    blocks: bool = False            # count each block of instructions
    options: tuple = ()             # more for scripts/host
    cpu: str = ""                   # another than $CPU
    sections: list = dataclasses.field(default_factory=list)
    output: str = ""
    done: bool = False
    failed: bool = False

    def host(self):
        """Return the command that boots it."""
        log, out = BENCH / f"{self.name}.log", BENCH / f"{self.name}.out"
        plugin = f"{BENCH}/meter.so,log={log},out={out},blocks={'on' if self.blocks else 'off'}"
        options = ["--kvm"] * self.kvm + ["--guests"] * self.guests + list(self.options)
        return [SCRIPTS / "host", "--timeout", str(LIMIT), "--no-disks", *options,
                "--qemu", f"{QEMU} -plugin {plugin} -d int -D {log}", "--append", KERNEL,
                f"bench-{self.name}", SETTLE + self.command]

    def run(self):
        log, out = BENCH / f"{self.name}.log", BENCH / f"{self.name}.out"
        log.unlink(missing_ok=True)
        env = {**os.environ, "SMP": "1"} | ({"CPU": self.cpu} if self.cpu else {})
        done = subprocess.run(self.host(), env=env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        self.output, self.failed = done.stdout, done.returncode != 0
        log.unlink(missing_ok=True)
        if not self.failed:
            self.sections = meter.read(out)

    def section(self, name):
        """Return the first section of a name, or None."""
        return next((each for each in self.sections if each.name == name), None)


class Progress:
    """Say what is done, and what runs."""

    def __init__(self, total):
        self.total, self.done, self.running = total, 0, {}
        self.started, self.lock = time.monotonic(), threading.Lock()

    def say(self, words):
        print(f"[{self.done}/{self.total}, {time.monotonic() - self.started:.0f} s] {words}",
              file=sys.stderr, flush=True)

    def begin(self, boot):
        with self.lock:
            self.running[boot.name] = time.monotonic()

    def end(self, boot):
        with self.lock:
            took = time.monotonic() - self.running.pop(boot.name)
            self.done += 1
            self.say(f"{boot.name} {'FAILED' if boot.failed else 'took'} {took:.0f} s" +
                     (f"; running: {', '.join(self.running)}" if self.running else ""))


def run_all(boots, jobs, finished):
    """Run boots, a few at a time; return those that failed, none after the first of them.

    finished() is called after each, never twice at a time."""
    progress, lock = Progress(len(boots)), threading.Lock()

    def run(boot):
        if any(each.failed for each in boots):
            return
        progress.begin(boot)
        boot.run()
        progress.end(boot)
        with lock:
            boot.done = not boot.failed
            finished()

    BENCH.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run, boots))      # which raises what one of them did
    return [boot for boot in boots if boot.failed]
