// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmm - boot firmware on the KVM API.
 *
 * As small as it can be and still run Debian's U-Boot for QEMU's virt board:
 * the smallest real guest there is, and one that uses Set/Way.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../module/api/uapi.h"
#include "../lib/device.h"
#include "layout.h"
#include "machine.h"

static const char usage_text[] =
	"usage: vmm [OPTION]... ROM\n"
	"       vmm [OPTION]... --kernel FILE\n"
	"Boot ROM, firmware for QEMU's virt board such as U-Boot's qemu_arm64, or a\n"
	"Linux kernel, with a serial port on this terminal (Ctrl-A x leaves).\n"
	"\n"
	"  --device PATH         the hypervisor ($SETWAY_DEVICE or /dev/setway)\n"
	"  --kernel FILE         an arm64 Image or a 32-bit zImage\n"
	"  --initrd FILE         its initramfs\n"
	"  --append TEXT         its command line\n"
	"  --cpus NUMBER         CPUs, 1 to 16 (1)\n"
	"  --pin                 run CPU n on the host's CPU n only\n"
	"  --mem SIZE            RAM: a number with K, M or G (128M)\n"
	"  --image FILE@ADDRESS  put a file into RAM, again at each reset\n"
	"  --policy full|exact|af  what a batch of Set/Way operations cleans\n"
	"  --cluster PAGES       how many a fault lets the guest in to: 1 to 64\n"
	"  --premap              map all memory before the guest starts\n"
	"  --aarch32             ROM is for a 32-bit CPU\n"
	"  --no-reboot           leave when the guest resets\n"
	"  --quiet               do not show what the guest prints\n"
	"\n"
	"To leave the keys to a script (selftests/vmm/script.h has its commands):\n"
	"  --script FILE         its commands\n"
	"  --expect TEXT         the same as the command 'wait TEXT'\n"
	"  --send TEXT           the same as the command 'type TEXT'\n"
	"  --timeout SECONDS     the same as the command 'timeout SECONDS'\n"
	"  --interactive         the same as the command 'user'\n"
	"  --report FILE         write each step's counters there\n"
	"  --hole ADDRESS        the 64 KiB of RAM that 'touch' is about\n";

static const struct option options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "kernel", required_argument, NULL, 'k' },
	{ "initrd", required_argument, NULL, 'R' },
	{ "append", required_argument, NULL, 'a' },
	{ "cpus", required_argument, NULL, 'c' },
	{ "pin", no_argument, NULL, 'N' },
	{ "mem", required_argument, NULL, 'm' },
	{ "image", required_argument, NULL, 'i' },
	{ "policy", required_argument, NULL, 'p' },
	{ "cluster", required_argument, NULL, 'C' },
	{ "premap", no_argument, NULL, 'P' },
	{ "aarch32", no_argument, NULL, 'A' },
	{ "no-reboot", no_argument, NULL, 'n' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "script", required_argument, NULL, 's' },
	{ "expect", required_argument, NULL, 'e' },
	{ "send", required_argument, NULL, 't' },
	{ "timeout", required_argument, NULL, 'T' },
	{ "interactive", no_argument, NULL, 'I' },
	{ "report", required_argument, NULL, 'r' },
	{ "hole", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static u64 number_parse(const char *text)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	u64 value;

	errno = 0;
	value = strtoull(text, &end, 0);
	unit = *end ? strchr(units, *end) : NULL;
	if (errno || end == text || (*end && (!unit || end[1])))
		fail("'%s' is not a number", text);
	return unit ? value << 10 * (unit - units + 1) : value;
}

static int policy_parse(const char *text)
{
	if (!strcmp(text, "full"))
		return SETWAY_POLICY_FULL;
	if (!strcmp(text, "af"))
		return SETWAY_POLICY_AF;
	if (strcmp(text, "exact"))
		fail("--policy is full, exact or af, not '%s'", text);
	return SETWAY_POLICY_EXACT;
}

static void image_parse(struct machine_config *config, char *text)
{
	char *at = strrchr(text, '@');

	if (!at)
		fail("--image needs a file and an address, FILE@ADDRESS");
	*at = '\0';
	config->image = text;
	config->image_ipa = number_parse(at + 1);
}

static void script_option(struct script *script, const char *command,
			  const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "%s %s", command, text);
	script_add(script, line);
}

static void config_check(struct machine_config *config)
{
	u64 end = RAM_BASE + config->ram_size;

	if (config->ram_size < 2 * SZ_1M || config->ram_size & (SZ_4K - 1))
		fail("--mem: at least 2M, and whole pages");
	if (!config->nr_cpus || config->nr_cpus > MACHINE_CPUS_MAX)
		fail("--cpus: 1 to %d", MACHINE_CPUS_MAX);
	if (!config->rom == !config->kernel)
		fail("name one ROM file, or a --kernel (and see --help)");
	if (config->image &&
	    (config->image_ipa < RAM_BASE + DT_SIZE || config->image_ipa >= end))
		fail("--image: RAM for it is from %#llx to %#llx",
		     RAM_BASE + DT_SIZE, end);
	if (config->hole &&
	    (config->hole < RAM_BASE + DT_SIZE || config->hole > end - HOLE_SIZE ||
	     config->hole & (HOLE_SIZE - 1)))
		fail("--hole: 64 KiB, aligned, between %#llx and %#llx",
		     RAM_BASE + DT_SIZE, end);
}

static void option_apply(struct machine *machine, const char **report, int option)
{
	struct machine_config *config = &machine->config;
	struct script *script = &machine->script;

	switch (option) {
	case 'd':
		return device_set(optarg);
	case 'k':
		config->kernel = optarg;
		config->aarch32 = kernel_is_aarch32(optarg);
		break;
	case 'R':
		config->initrd = optarg;
		break;
	case 'a':
		config->bootargs = optarg;
		break;
	case 'c':
		config->nr_cpus = number_parse(optarg);
		break;
	case 'N':
		config->pin = true;
		break;
	case 'm':
		config->ram_size = number_parse(optarg);
		break;
	case 'i':
		return image_parse(config, optarg);
	case 'p':
		config->policy = policy_parse(optarg);
		break;
	case 'C':
		config->cluster = number_parse(optarg);
		break;
	case 'A':
		config->aarch32 = true;
		break;
	case 'P':
		config->premap = true;
		break;
	case 'n':
		config->no_reboot = true;
		break;
	case 'q':
		machine->console.quiet = true;
		break;
	case 's':
		return script_load(script, optarg);
	case 'e':
		return script_option(script, "wait", optarg);
	case 't':
		return script_option(script, "type", optarg);
	case 'T':
		return script_option(script, "timeout", optarg);
	case 'I':
		return script_add(script, "user");
	case 'r':
		*report = optarg;
		break;
	case 'o':
		config->hole = number_parse(optarg);
		break;
	case 'h':
		fputs(usage_text, stdout);
		exit(EXIT_SUCCESS);
	default:
		fputs("Try 'vmm --help'.\n", stderr);
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	static struct machine machine = {
		.config = { .ram_size = 128 * SZ_1M, .nr_cpus = 1, .policy = -1 },
	};
	const char *report = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		option_apply(&machine, &report, option);
	if (optind < argc - 1)
		fail("one ROM file is enough (see --help)");
	machine.config.rom = argv[optind];
	config_check(&machine.config);
	machine_create(&machine);
	if (report)
		report_open(&machine.report, report, machine.vcpus,
			    machine.config.nr_cpus);
	machine_run(&machine);
	machine_destroy(&machine);
	return EXIT_SUCCESS;
}
