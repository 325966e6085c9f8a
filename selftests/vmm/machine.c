// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's memory, its CPUs and the loop that runs each of them.  Whatever
 * is not the guest running, is done under the machine's lock.
 *
 * The hole: some moments of a guest cannot be seen from outside, such as the
 * one between U-Boot's Set/Way loop and its turning the caches on.  But that is
 * when it first writes to its page tables, so if these are left out of the
 * memslots until then, the access that finds nothing marks the moment.
 */
#include "machine.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../module/api/uapi.h"
#include "../lib/device.h"
#include "../lib/onereg.h"
#include "dt.h"
#include "file.h"
#include "gic.h"
#include "layout.h"

enum {
	SLOT_ROM,
	SLOT_FLASH,
	SLOT_RAM,
	SLOT_HOLE,
	SLOT_RAM_ABOVE_HOLE,
	SLOTS,
};

/* The signal handler's: of the thread that runs a CPU. */
static __thread struct kvm_run *run_now;
static int alarm_rang;

/* immediate_exit: not to lose a signal that comes right before KVM_RUN. */
static void signal_take(int signal)
{
	if (signal == SIGALRM)
		WRITE_ONCE(alarm_rang, 1);
	if (run_now)
		run_now->immediate_exit = 1;
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

static void cluster_set(struct machine *machine)
{
	if (!machine->config.cluster)
		return;
	if (!device_is_setway())
		fprintf(stderr, "vmm: %s knows no clusters\n", device_path());
	else
		vm_ioctl(machine->vm, SETWAY_SET_CLUSTER, &machine->config.cluster);
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

static void cpus_create(struct machine *machine)
{
	unsigned int id;

	for (id = 0; id < machine->config.nr_cpus; id++)
		machine->vcpus[id] = vcpu_create(machine->vm, id);
}

void machine_create(struct machine *machine)
{
	struct sigaction take = { .sa_handler = signal_take };

	pthread_mutex_init(&machine->lock, NULL);
	if (machine->config.aarch32 && !device_capability(KVM_CAP_ARM_EL1_32BIT))
		fail("%s has no 32-bit guests on this CPU", device_path());
	machine->vm = vm_create_as_is(0);
	policy_set(machine);
	cluster_set(machine);
	if (machine->config.rom) {
		rom_add(machine);
		flash_add(machine);
	}
	ram_add(machine);
	cpus_create(machine);
	if (machine->config.kernel)
		gic_create(machine->vm);
	machine->uart.console = &machine->console;
	machine->script.console = &machine->console;
	machine->script.report = &machine->report;
	machine->console.script = &machine->script;
	sigaction(SIGALRM, &take, NULL);
	sigaction(SIGUSR1, &take, NULL);
}

void machine_destroy(struct machine *machine)
{
	if (machine->report.file)
		fclose(machine->report.file);
	vm_destroy(machine->vm);
}

static void cpu_reset(struct machine *machine, unsigned int id)
{
	u32 features = BIT(KVM_ARM_VCPU_PSCI_0_2);

	if (machine->config.aarch32)
		features |= BIT(KVM_ARM_VCPU_EL1_32BIT);
	if (id)
		features |= BIT(KVM_ARM_VCPU_POWER_OFF);
	vcpu_reset(machine->vcpus[id], features);
}

/* What is in RAM when the first CPU starts, and where that does. */
static void guest_load(struct machine *machine)
{
	struct machine_config *config = &machine->config;
	struct dt dt = {
		.ram_size = config->ram_size,
		.nr_cpus = config->nr_cpus,
		.bootargs = config->bootargs,
	};
	u64 offset = config->image_ipa - RAM_BASE;

	if (config->image)
		file_read(config->image, machine->ram + offset,
			  config->ram_size - offset);
	if (!config->kernel) {
		dt_write(machine->ram, &dt);
		reg_set(machine->vcpus[0], REG_PC, ROM_BASE);
		reg_set(machine->vcpus[0], REG_X(0), RAM_BASE);
		return;
	}
	machine->kernel = kernel_load(config->kernel, config->initrd, machine->ram,
				      config->ram_size);
	dt.kernel = &machine->kernel;
	dt_write(machine->ram + (machine->kernel.dt - RAM_BASE), &dt);
	kernel_start(&machine->kernel, machine->vcpus[0]);
}

/* Power-on and reset alike: what RAM held beyond what is loaded, it keeps. */
static void machine_reset(struct machine *machine)
{
	unsigned int id;

	pl011_reset(&machine->uart);
	for (id = 0; id < machine->config.nr_cpus; id++)
		cpu_reset(machine, id);
	guest_load(machine);
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

static void uart_access(struct machine *machine, struct kvm_run *run)
{
	u64 offset = run->mmio.phys_addr - UART_BASE;
	u32 value = 0;

	if (run->mmio.is_write) {
		memcpy(&value, run->mmio.data,
		       run->mmio.len < 4 ? run->mmio.len : 4);
		pl011_write(&machine->uart, offset, value);
	} else {
		value = pl011_read(&machine->uart, offset);
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
		memcpy(run->mmio.data, &value, sizeof(value));
	}
}

/* Tell the interrupt controller what the serial port's line has become. */
static void uart_interrupt(struct machine *machine)
{
	bool level = pl011_interrupt(&machine->uart);

	if (!machine->config.kernel || level == machine->uart_level)
		return;
	machine->uart_level = level;
	gic_spi_set(machine->vm, UART_SPI, level);
}

/* Where there is nothing, reads give 0 and writes are lost. */
static void mmio_access(struct machine *machine, struct kvm_run *run)
{
	if (hole_has(machine, run->mmio.phys_addr)) {
		hole_access(machine, run);
	} else if (run->mmio.phys_addr - UART_BASE < PL011_SIZE) {
		uart_access(machine, run);
		uart_interrupt(machine);
	} else if (!run->mmio.is_write) {
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
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
	if (type == KVM_SYSTEM_EVENT_SHUTDOWN)
		script_power_off(&machine->script);
	if (!script_finished(&machine->script))
		script_complain(&machine->script, type == KVM_SYSTEM_EVENT_RESET ?
				"the guest resets" : "the guest powers off");
	return false;
}

/* KVM_RUN came back with an error. */
static void run_error(struct machine *machine, struct vcpu *vcpu)
{
	switch (errno) {
	case EINTR:
		vcpu->run->immediate_exit = 0;
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
	fail("KVM_RUN of CPU %u: %s at PC %#llx", vcpu->id, strerror(errno),
	     reg_get(vcpu, REG_PC));
}

/* Return: false if that was the end. */
static bool cpu_exit(struct machine *machine, struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		mmio_access(machine, run);
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
		return system_event(machine, run->system_event.type);
	default:
		fail("exit %u of CPU %u at PC %#llx", run->exit_reason, vcpu->id,
		     reg_get(vcpu, REG_PC));
	}
}

/* A script that gave the console away has no say any more. */
static bool script_is_over(struct machine *machine)
{
	return machine->script.count && machine->console.script &&
	       script_finished(&machine->script);
}

static bool cpu_step(struct machine *machine, struct vcpu *vcpu)
{
	int ret = __vcpu_run(vcpu);
	bool go_on = true;

	pthread_mutex_lock(&machine->lock);
	if (ret)
		run_error(machine, vcpu);
	else
		go_on = cpu_exit(machine, vcpu);
	if (script_is_over(machine))
		go_on = false;
	if (!go_on)
		machine->stopped = true;
	go_on = !machine->stopped;
	pthread_mutex_unlock(&machine->lock);
	return go_on;
}

#define KEYS_INTERVAL_US	10000

/* The guest reads keys when it is interrupted, so somebody has to see them. */
static void *keys_thread(void *argument)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	struct machine *machine = argument;

	while (poll(&keys, 1, -1) == 1 && !(keys.revents & (POLLHUP | POLLERR))) {
		pthread_mutex_lock(&machine->lock);
		if (!machine->stopped)
			uart_interrupt(machine);
		pthread_mutex_unlock(&machine->lock);
		usleep(KEYS_INTERVAL_US);
	}
	return NULL;
}

static void thread_pin(struct machine *machine, unsigned int id)
{
	cpu_set_t cpus;

	if (!machine->config.pin)
		return;
	CPU_ZERO(&cpus);
	CPU_SET(id % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		fail("cannot pin CPU %u: %s", id, strerror(errno));
}

struct cpu_thread {
	struct machine *machine;
	struct vcpu *vcpu;
};

/* The other CPUs: when one of them ends it all, the first one's thread is told. */
static void *cpu_thread(void *argument)
{
	struct cpu_thread *cpu = argument;

	run_now = cpu->vcpu->run;
	thread_pin(cpu->machine, cpu->vcpu->id);
	while (cpu_step(cpu->machine, cpu->vcpu))
		;
	pthread_kill(cpu->machine->threads[0], SIGUSR1);
	return NULL;
}

static void cpus_start(struct machine *machine)
{
	static struct cpu_thread cpus[MACHINE_CPUS_MAX];
	sigset_t alarm, before;
	pthread_t keys;
	unsigned int id;

	/* The alarm is for the first CPU's thread. */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, &before);
	for (id = 1; id < machine->config.nr_cpus; id++) {
		cpus[id] = (struct cpu_thread){ machine, machine->vcpus[id] };
		if (pthread_create(&machine->threads[id], NULL, cpu_thread, &cpus[id]))
			fail("no thread for CPU %u", id);
	}
	if (machine->config.kernel && pthread_create(&keys, NULL, keys_thread, machine))
		fail("no thread for the keys");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* They may be in KVM_RUN, powered off for good. */
static void cpus_stop(struct machine *machine)
{
	unsigned int id;

	for (id = 1; id < machine->config.nr_cpus; id++) {
		pthread_kill(machine->threads[id], SIGUSR1);
		pthread_join(machine->threads[id], NULL);
	}
}

void machine_run(struct machine *machine)
{
	machine_reset(machine);
	/* After loading: under full, premapping is when the guest's memory is cleaned. */
	if (machine->config.premap)
		memory_premap(machine);
	if (machine->script.count)
		script_start(&machine->script);
	else
		console_open(&machine->console);
	machine->threads[0] = pthread_self();
	run_now = machine->vcpus[0]->run;
	cpus_start(machine);
	thread_pin(machine, 0);
	while (cpu_step(machine, machine->vcpus[0]))
		;
	cpus_stop(machine);
}
