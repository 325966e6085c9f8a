# SPDX-License-Identifier: GPL-2.0-only
"""The 32-bit Linux guest under Debian's Xen, without a dom0.

Xen starts the guest by itself, as its device tree says, and has no VMM.  It tracks
accesses by blocks of 2 MiB, before 4.21 only on CPUs with less than 44 bits of
physical address: so there are a Cortex-A53 and a Cortex-A57.
"""
import dataclasses
import os
import selectors
import subprocess
import time

from . import boot, guests, meter, table

TITLE = "Xen"
CPUS = ("cortex-a57", "cortex-a53")
MEMORY_KIB = 256 << 10
KERNEL_ADDRESS, INITRD_ADDRESS = 0x50000000, 0x54000000
ENDED = b"guest: userspace"
MACHINE = "virt,virtualization=on,gic-version=3,dtb-randomness=off"
GUEST_ARGS = "console=ttyAMA0 quiet panic=-1 checks="
TREE = """
/ { chosen {
	#address-cells = <2>;
	#size-cells = <2>;
	xen,xen-bootargs = "";
	domU1 {
		compatible = "xen,domain";
		#address-cells = <2>;
		#size-cells = <2>;
		memory = <0 %d>;
		cpus = <2>;
		vpl011;
		module@%x {
			compatible = "multiboot,kernel", "multiboot,module";
			reg = <0 %#x 0 %d>;
			bootargs = "%s";
		};
		module@%x {
			compatible = "multiboot,ramdisk", "multiboot,module";
			reg = <0 %#x 0 %d>;
		};
	};
}; };
"""


def guest_files():
    return boot.BUILD / "guest-armmp/zImage", boot.BUILD / "guest/armhf.cpio.gz"


@dataclasses.dataclass
class XenBoot(boot.Boot):
    """A machine with Xen instead of Linux."""

    def machine(self, more=""):
        return ["qemu-system-aarch64", "-M", MACHINE + more, "-cpu", self.cpu, "-smp", "1",
                "-m", "2G", "-nic", "none", "-display", "none"]

    def device_tree(self):
        """Make the machine's own, with the guest in it; return the file."""
        blob = boot.BENCH / f"{self.name}.dtb"
        subprocess.run(self.machine(f",dumpdtb={blob}"), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        tree = subprocess.check_output(["dtc", "-q", "-I", "dtb", "-O", "dts", blob], text=True)
        kernel, initrd = guest_files()
        tree += TREE % (MEMORY_KIB, KERNEL_ADDRESS, KERNEL_ADDRESS, kernel.stat().st_size,
                        GUEST_ARGS, INITRD_ADDRESS, INITRD_ADDRESS, initrd.stat().st_size)
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", blob], input=tree, text=True,
                       check=True)
        return blob

    def host(self):
        log, out = boot.BENCH / f"{self.name}.log", boot.BENCH / f"{self.name}.out"
        kernel, initrd = guest_files()
        return [*self.machine(), *boot.QEMU.replace("-machine dtb-randomness=off", "").split(),
                "-plugin", f"{boot.BENCH}/meter.so,log={log},out={out},blocks=off,host=off",
                "-d", "int", "-D", str(log), "-serial", "stdio", "-monitor", "none",
                "-kernel", str(boot.BUILD / "xen/xen"), "-dtb", str(self.device_tree()),
                "-device", f"loader,file={kernel},addr={KERNEL_ADDRESS:#x},force-raw=on",
                "-device", f"loader,file={initrd},addr={INITRD_ADDRESS:#x},force-raw=on"]

    def run(self):
        """Run until the guest's first program says so."""
        qemu = subprocess.Popen(self.host(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = self.listen(qemu)
        qemu.terminate()
        qemu.wait()
        self.output, self.failed = said.decode(errors="replace"), ENDED not in said
        (boot.BENCH / f"{self.name}.log").unlink(missing_ok=True)
        if not self.failed:
            self.sections = meter.read(boot.BENCH / f"{self.name}.out")

    @staticmethod
    def listen(qemu):
        said, deadline = b"", time.monotonic() + boot.LIMIT
        selector = selectors.DefaultSelector()
        selector.register(qemu.stdout, selectors.EVENT_READ)
        while ENDED not in said and selector.select(deadline - time.monotonic()):
            more = os.read(qemu.stdout.fileno(), 65536)
            if not more:
                break
            said += more
        return said


def boots():
    return [XenBoot(f"xen-{cpu}", "", cpu=cpu) for cpu in CPUS]


def results(done):
    return {"release": (boot.BUILD / "xen/release").read_text().strip(),
            "cpus": {cpu: guests.result(done[f"xen-{cpu}"].section("userspace")) for cpu in CPUS}}


def short(release):
    """Return the series of a package's version."""
    return ".".join(release.split(".")[:2])


def report(found):
    by_cpu = found["cpus"]
    titles = {cpu: cpu for cpu in by_cpu}
    return (f"{guests.GUESTS['armmp'][0]}, under Xen {found['release']}\n\n" +
            guests.summary(by_cpu, titles) + "\n" + guests.classes(by_cpu, titles))
