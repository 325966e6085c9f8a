// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies as people name them, and the module parameter.  What they mean is in stage2/.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/string.h>

#include "host/el2.h"
#include "policy.h"

unsigned int default_policy = STAGE2_POLICY_EXACT;

static const char * const policy_names[] = {
	[STAGE2_POLICY_FULL]	= "full",
	[STAGE2_POLICY_EXACT]	= "exact",
	[STAGE2_POLICY_AF]	= "af",
};

const char *policy_name(enum stage2_policy policy)
{
	return policy_names[policy];
}

int policy_check(unsigned int policy)
{
	if (policy >= ARRAY_SIZE(policy_names))
		return -EINVAL;
	return policy == STAGE2_POLICY_AF && el2_access_flag_refusal() ? -EOPNOTSUPP : 0;
}

static int policy_set(const char *value, const struct kernel_param *param)
{
	int policy = sysfs_match_string(policy_names, value);
	int ret;

	if (policy < 0)
		return policy;
	ret = policy_check(policy);
	if (ret) {
		pr_err("policy=af: %s: use policy=exact\n", el2_access_flag_refusal());
		return ret;
	}
	default_policy = policy;
	return 0;
}

static int policy_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", policy_name(default_policy));
}

static const struct kernel_param_ops policy_ops = {
	.set = policy_set,
	.get = policy_get,
};

module_param_cb(policy, &policy_ops, NULL, 0644);
MODULE_PARM_DESC(policy, "what a batch of Set/Way operations cleans in new VMs: full, exact (default), or af: as exact, by the CPU's access flags");
