// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's memory, its CPU and the loop that runs it.
 *
 * The hole: some moments of a guest cannot be seen from outside, such as the
 * one between U-Boot's Set/Way loop and its turning the caches on.  But that is
 * when it first writes to its page tables, so if these are left out of the
 * memslots until then, the access that finds nothing marks the moment.
 */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../module/api/setway.h"
#include "../lib/device.h"
#include "../lib/onereg.h"
#include "dt.h"
#include "layout.h"

enum {
	SLOT_ROM,
	SLOT_FLASH,
	SLOT_RAM,
	SLOT_HOLE,
	SLOT_RAM_ABOVE_HOLE,
	SLOTS,
};

/* The signal handler's. */
static struct kvm_run *run_now;
static int alarm_rang;

/* immediate_exit: not to lose a signal that comes right before KVM_RUN. */
static void alarm_ring(int signal)
{
	(void)signal;
	WRITE_ONCE(alarm_rang, 1);
	run_now->immediate_exit = 1;
}

static void file_read(const char *path, void *to, u64 max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;
	char more;

	if (fd < 0)
		fail("cannot open %s: %s", path, strerror(errno));
	size = read(fd, to, max);
	if (size < 0)
		fail("cannot read %s: %s", path, strerror(errno));
	if (!size)
		fail("%s is empty", path);
	if (read(fd, &more, 1))
		fail("%s does not fit into %llu bytes", path, max);
	close(fd);
}

static void rom_add(struct machine *machine)
{
	const char *path = machine->config.rom;
	struct stat file;
	void *rom;
	u64 size;

	if (stat(path, &file))
		fail("cannot open %s: %s", path, strerror(errno));
	if (!S_ISREG(file.st_mode) || !file.st_size)
		fail("%s is no file, or empty", path);
	size = align_up(file.st_size, SZ_4K);
	if (size > ROM_MAX)
		fail("%s does not fit into %llu bytes", path, ROM_MAX);
	rom = vm_memory_add(machine->vm, SLOT_ROM, ROM_BASE, size,
			    KVM_MEM_READONLY);
	file_read(path, rom, size);
}

/*
 * Erased flash: U-Boot finds no settings in it and takes its own.  Without it,
 * it would read each byte through an exit to find that out.
 */
static void flash_add(struct machine *machine)
{
	void *flash = vm_memory_add(machine->vm, SLOT_FLASH, FLASH_BASE,
				    FLASH_SIZE, KVM_MEM_READONLY);

	memset(flash, 0xff, FLASH_SIZE);
}

static void ram_piece_add(struct machine *machine, u32 slot, u64 start, u64 end)
{
	struct memslot piece = {
		.ipa = start,
		.size = end - start,
		.hva = machine->ram + (start - RAM_BASE),
	};

	if (piece.size)
		vm_memslot_add(machine->vm, slot, piece);
}

static void ram_add(struct machine *machine)
{
	u64 end = RAM_BASE + machine->config.ram_size;
	u64 hole = machine->config.hole ?: end;

	machine->ram = memory_alloc(machine->config.ram_size, SZ_1G);
	machine->hole_open = machine->config.hole;
	ram_piece_add(machine, SLOT_RAM, RAM_BASE, hole);
	if (machine->config.hole)
		ram_piece_add(machine, SLOT_RAM_ABOVE_HOLE, hole + HOLE_SIZE, end);
}

static void policy_set(struct machine *machine)
{
	u32 policy = machine->config.policy;

	if (machine->config.policy < 0)
		return;
	if (!device_is_setway())
		fprintf(stderr, "vmm: %s knows no policies, so it keeps its own\n",
			device_path());
	else
		vm_ioctl(machine->vm, SETWAY_SET_POLICY, &policy);
}

static void memory_premap(struct machine *machine)
{
	struct setway_premap premap = { .flags = 0 };

	if (!device_is_setway()) {
		fprintf(stderr, "vmm: %s cannot map memory beforehand, so it maps on access\n",
			device_path());
		return;
	}
	for (premap.slot = 0; premap.slot < SLOTS; premap.slot++) {
		if (machine->vm->slots[premap.slot].size)
			vm_ioctl(machine->vm, SETWAY_PREMAP, &premap);
	}
}

void machine_create(struct machine *machine)
{
	struct sigaction ring = { .sa_handler = alarm_ring };

	machine->vm = vm_create();
	policy_set(machine);
	rom_add(machine);
	flash_add(machine);
	ram_add(machine);
	machine->vcpu = vcpu_create(machine->vm, 0);
	machine->uart.console = &machine->console;
	machine->script.console = &machine->console;
	machine->script.report = &machine->report;
	machine->console.script = &machine->script;
	run_now = machine->vcpu->run;
	sigaction(SIGALRM, &ring, NULL);
}

void machine_destroy(struct machine *machine)
{
	if (machine->report.file)
		fclose(machine->report.file);
	vm_destroy(machine->vm);
}

/* Power-on and reset alike: what RAM held beyond what is loaded, it keeps. */
static void machine_reset(struct machine *machine)
{
	struct machine_config *config = &machine->config;
	u64 offset = config->image_ipa - RAM_BASE;

	dt_write(machine->ram, config->ram_size);
	if (config->image)
		file_read(config->image, machine->ram + offset,
			  config->ram_size - offset);
	pl011_reset(&machine->uart);
	vcpu_reset(machine->vcpu, BIT(KVM_ARM_VCPU_PSCI_0_2));
	reg_set(machine->vcpu, REG_PC, ROM_BASE);
	reg_set(machine->vcpu, REG_X(0), RAM_BASE);
}

static void hole_close(struct machine *machine)
{
	u64 hole = machine->config.hole;

	machine->hole_open = false;
	script_feel(&machine->script);
	ram_piece_add(machine, SLOT_HOLE, hole, hole + HOLE_SIZE);
}

static bool hole_has(struct machine *machine, u64 ipa)
{
	return machine->hole_open && ipa >= machine->config.hole &&
	       ipa - machine->config.hole < HOLE_SIZE;
}

/* The access that found the hole, done as the memory would have. */
static void hole_access(struct machine *machine, struct kvm_run *run)
{
	void *memory = machine->ram + (run->mmio.phys_addr - RAM_BASE);

	hole_close(machine);
	if (run->mmio.is_write)
		memcpy(memory, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, memory, run->mmio.len);
}

/* Where there is nothing, reads give 0 and writes are lost. */
static void mmio_access(struct machine *machine, struct kvm_run *run)
{
	u64 offset = run->mmio.phys_addr - UART_BASE;
	u32 value = 0;

	if (hole_has(machine, run->mmio.phys_addr)) {
		hole_access(machine, run);
	} else if (offset >= PL011_SIZE) {
		if (!run->mmio.is_write)
			memset(run->mmio.data, 0, sizeof(run->mmio.data));
	} else if (run->mmio.is_write) {
		memcpy(&value, run->mmio.data,
		       run->mmio.len < 4 ? run->mmio.len : 4);
		pl011_write(&machine->uart, offset, value);
	} else {
		value = pl011_read(&machine->uart, offset);
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
		memcpy(run->mmio.data, &value, sizeof(value));
	}
}

/* Return: false if that was the end. */
static bool system_event(struct machine *machine, u32 type)
{
	if (type == KVM_SYSTEM_EVENT_RESET && !machine->config.no_reboot) {
		machine_reset(machine);
		return true;
	}
	if (type != KVM_SYSTEM_EVENT_RESET && type != KVM_SYSTEM_EVENT_SHUTDOWN)
		fail("the guest ends by system event %u", type);
	if (!script_finished(&machine->script))
		script_complain(&machine->script, "the guest powers off");
	return false;
}

/* KVM_RUN came back with an error. */
static void run_error(struct machine *machine)
{
	switch (errno) {
	case EINTR:
		if (READ_ONCE(alarm_rang))
			script_complain(&machine->script, "time is up");
		return;
	case ENOSYS:
		/*
		 * An access that the syndrome does not describe, a pair of
		 * registers for one.  Tried again, it finds memory.
		 */
		if (!machine->hole_open)
			break;
		hole_close(machine);
		return;
	}
	fail("KVM_RUN: %s at PC %#llx", strerror(errno),
	     reg_get(machine->vcpu, REG_PC));
}

void machine_run(struct machine *machine)
{
	struct kvm_run *run = machine->vcpu->run;
	bool scripted = machine->script.count;

	machine_reset(machine);
	/* After loading: under full, premapping is when the guest's memory is cleaned. */
	if (machine->config.premap)
		memory_premap(machine);
	if (scripted)
		script_start(&machine->script);
	else
		console_open(&machine->console);
	/* a script that gave the console away has no say any more */
	while (!scripted || !machine->console.script ||
	       !script_finished(&machine->script)) {
		if (__vcpu_run(machine->vcpu)) {
			run_error(machine);
			continue;
		}
		switch (run->exit_reason) {
		case KVM_EXIT_MMIO:
			mmio_access(machine, run);
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			if (!system_event(machine, run->system_event.type))
				return;
			break;
		default:
			fail("exit %u at PC %#llx", run->exit_reason,
			     reg_get(machine->vcpu, REG_PC));
		}
	}
}
