// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holding a thread where a function of the kernel's returns, so that a test can do
 * in the meantime what else happens there once in a million times.
 *
 *	echo FUNCTION >hold	the next thread of the writer's process is held
 *	echo >hold		it goes on
 *	cat hold		"armed", "held", or "over"
 *
 * A thread is held with preemption disabled and interrupts on, and not for long.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "probe.h"

#define HOLD_MAX_MS	2000
#define NAME_MAX_LENGTH	64

/* A thread that is held goes on when this is not HOLD_HELD any more. */
static atomic_t hold_state;
enum {
	HOLD_OVER,
	HOLD_ARMED,
	HOLD_HELD,
};

static char hold_name[NAME_MAX_LENGTH];
static pid_t hold_tgid;
static struct kretprobe hold_probe;
static bool hold_is_registered;

/* One writer after the other. */
static DEFINE_MUTEX(hold_lock);

static int hold_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	unsigned int ms;

	if (current->tgid != hold_tgid ||
	    atomic_cmpxchg(&hold_state, HOLD_ARMED, HOLD_HELD) != HOLD_ARMED)
		return 0;
	for (ms = 0; ms < HOLD_MAX_MS && atomic_read(&hold_state) == HOLD_HELD; ms++)
		mdelay(1);
	return 0;
}

/* Waits until nobody is held. */
static void hold_end(void)
{
	atomic_set(&hold_state, HOLD_OVER);
	if (hold_is_registered)
		unregister_kretprobe(&hold_probe);
	hold_is_registered = false;
}

static int hold_begin(void)
{
	int err;

	hold_probe = (struct kretprobe) {
		.kp.symbol_name = hold_name,
		.handler = hold_return,
	};
	hold_tgid = current->tgid;
	err = register_kretprobe(&hold_probe);
	if (err)
		return err;
	hold_is_registered = true;
	atomic_set(&hold_state, HOLD_ARMED);
	return 0;
}

ssize_t hold_write(struct file *file, const char __user *text, size_t size, loff_t *unused)
{
	char name[NAME_MAX_LENGTH] = { 0 };
	int err = 0;

	if (size >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, text, size))
		return -EFAULT;
	mutex_lock(&hold_lock);
	hold_end();
	strscpy(hold_name, strim(name), sizeof(hold_name));
	if (*hold_name)
		err = hold_begin();
	mutex_unlock(&hold_lock);
	return err ?: size;
}

int hold_show(struct seq_file *m, void *unused)
{
	static const char *const names[] = {
		[HOLD_OVER] = "over", [HOLD_ARMED] = "armed", [HOLD_HELD] = "held",
	};

	seq_printf(m, "%s\n", names[atomic_read(&hold_state)]);
	return 0;
}

void hold_exit(void)
{
	hold_end();
}
