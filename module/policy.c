// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies as people name them, and the module parameters that new VMs go by.  What they
 * mean is in stage2/.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/string.h>
#include <asm/cpufeature.h>

#include "host/el2.h"
#include "policy.h"
#include "vm.h"

unsigned int default_policy = STAGE2_POLICY_EXACT;
unsigned int default_cluster = STAGE2_CLUSTER_MAX;

/* The module parameter: access flags are a witness against bit[0]. */
static bool crosscheck;

/* The module parameter: stage 2 makes memory Write-Back, where the CPUs can. */
static bool fwb = true;

static const char * const policy_names[] = {
	[STAGE2_POLICY_FULL]	= "full",
	[STAGE2_POLICY_EXACT]	= "exact",
	[STAGE2_POLICY_AF]	= "af",
};

const char *policy_name(enum stage2_policy policy)
{
	return policy_names[policy];
}

/*
 * What has to be checked is cleaned.  All CPUs have had FEAT_S2FWB at boot, and the kernel
 * lets none come later that has not (ARM64_CPUCAP_SYSTEM_FEATURE).
 */
static bool memory_is_coherent(void)
{
	return READ_ONCE(fwb) && !READ_ONCE(crosscheck) && cpus_have_cap(ARM64_HAS_STAGE2_FWB);
}

void policy_init(struct vm *vm)
{
	vm->stage2.coherent = memory_is_coherent();
	policy_apply(vm, READ_ONCE(default_policy));
}

void policy_apply(struct vm *vm, enum stage2_policy policy)
{
	struct stage2 *s2 = &vm->stage2;

	WRITE_ONCE(vm->policy, policy);		/* debugfs reads it */
	s2->policy = s2->coherent ? STAGE2_POLICY_FULL : policy;
	s2->crosscheck = READ_ONCE(crosscheck) && s2->policy == STAGE2_POLICY_EXACT;
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

	if (policy < 0)
		return policy;
	if (policy_check(policy)) {
		pr_err("policy=af: %s: use policy=exact\n", el2_access_flag_refusal());
		return -EOPNOTSUPP;
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

static int crosscheck_set(const char *value, const struct kernel_param *param)
{
	const char *refusal;
	bool wanted;

	if (kstrtobool(value, &wanted))
		return -EINVAL;
	refusal = wanted ? el2_access_flag_refusal() : NULL;
	if (refusal) {
		pr_err("crosscheck=1: %s: use crosscheck=0\n", refusal);
		return -EOPNOTSUPP;
	}
	WRITE_ONCE(crosscheck, wanted);
	return 0;
}

static const struct kernel_param_ops crosscheck_ops = {
	.set = crosscheck_set,
	.get = param_get_bool,
};

module_param_cb(crosscheck, &crosscheck_ops, &crosscheck, 0644);
MODULE_PARM_DESC(crosscheck, "whether new VMs with the policy exact are checked against the CPU's access flags, for tests (default: no)");

module_param(fwb, bool, 0644);
MODULE_PARM_DESC(fwb, "whether the memory of new VMs is made coherent by the CPUs, if they can (FEAT_S2FWB), so that nothing is to be cleaned (default: yes)");

static int cluster_set(const char *value, const struct kernel_param *param)
{
	unsigned int cluster;
	int ret = kstrtouint(value, 0, &cluster);

	if (ret)
		return ret;
	if (!stage2_cluster_is_valid(cluster))
		return -EINVAL;
	default_cluster = cluster;
	return 0;
}

static const struct kernel_param_ops cluster_ops = {
	.set = cluster_set,
	.get = param_get_uint,
};

module_param_cb(cluster, &cluster_ops, &default_cluster, 0644);
MODULE_PARM_DESC(cluster, "pages that a fault lets a guest in to at most, in new VMs: a power of two, 1 (just the one) to 64 (default)");
