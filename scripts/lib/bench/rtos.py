# SPDX-License-Identifier: GPL-2.0-only
"""A guest of your own, until it says what shows that it has started.

RTOS is the file, an arm64 Image or a 32-bit zImage, as vmm's --kernel takes it; RTOS_UNTIL
is what to wait for on its console, "nsh>" unless told."""
import os
from pathlib import Path

from . import boot, guests, table

TITLE = "RTOS"
IMAGE = "/guest/rtos"
UNTIL = os.environ.get("RTOS_UNTIL") or "nsh>"


def name(policy):
    return f"rtos-{policy}"


def make_boot(image, policy):
    command = f"sh /selftests/bin/guest-bench.sh rtos 1 {policy}"
    if policy != "kvm":
        command = f"insmod /setway.ko $MODULE_ARGS && {command}"
    return boot.Boot(name(policy), command, kvm=policy == "kvm",
                     options=("--add", f"{image}:{IMAGE}", "--env", f"RTOS_UNTIL={UNTIL}"))


def boots():
    image = os.environ.get("RTOS")
    if not image or not Path(image).is_file():
        raise SystemExit("bench: RTOS=FILE names the guest (Documentation/bench.rst)")
    return [make_boot(Path(image).resolve(), policy) for policy in guests.POLICIES]


def results(done):
    return {"image": Path(os.environ["RTOS"]).name,
            "policies": {policy: guests.result(done[name(policy)].section("end"))
                         for policy in guests.POLICIES}}


def report(found):
    by_policy = found["policies"]
    return (f"{found['image']}\n\n" + guests.summary(by_policy, guests.POLICIES) + "\n" +
            guests.classes(by_policy, guests.POLICIES))
