// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file answer: what a function of the kernel's or a module's returns from now on.
 *
 *	FUNCTION VALUE	this, in hexadecimal
 *	FUNCTION	what it returns by itself
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "probe.h"

#define ANSWER_NAME	64

/**
 * struct answer - a function that does not answer itself
 * @probe: on its way back; no name if it is free
 * @name: of the function
 * @value: what it returns
 */
static struct answer {
	struct kretprobe probe;
	char name[ANSWER_NAME];
	u64 value;
} answers[4];

static int answer_give(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct answer *answer = container_of(get_kretprobe(instance), struct answer, probe);

	regs->regs[0] = answer->value;
	return 0;
}

/* The one of that name, or with an empty one the first that is free. */
static struct answer *answer_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++)
		if (!strcmp(answers[i].name, name))
			return &answers[i];
	return NULL;
}

static void answer_free(struct answer *answer)
{
	unregister_kretprobe(&answer->probe);
	answer->name[0] = '\0';
}

static int answer_set(const char *name, u64 value)
{
	struct answer *answer = answer_find("");
	int err;

	if (!answer)
		return -ENOSPC;
	memset(answer, 0, sizeof(*answer));
	answer->value = value;
	answer->probe.handler = answer_give;
	answer->probe.kp.symbol_name = answer->name;
	strscpy(answer->name, name, sizeof(answer->name));
	err = register_kretprobe(&answer->probe);
	if (err)
		answer->name[0] = '\0';
	return err;
}

ssize_t answer_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	char text[ANSWER_NAME + 32], name[ANSWER_NAME];
	struct answer *answer;
	int found, err = 0;
	u64 value;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	text[size] = '\0';
	found = sscanf(text, "%63s %llx", name, &value);
	if (found < 1)
		return -EINVAL;
	answer = answer_find(name);
	if (answer)
		answer_free(answer);
	if (found == 2)
		err = answer_set(name, value);
	return err ? err : size;
}

void answer_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++)
		if (answers[i].name[0])
			answer_free(&answers[i]);
}
