/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For upstream's KVM selftests: what a change that was taken back to 6.1 expects
 * there by its later name.
 */
#ifndef SELFTESTS_KVM_BACKPORTS_H
#define SELFTESTS_KVM_BACKPORTS_H

#define TEST_ASSERT_EQ	ASSERT_EQ

#endif /* SELFTESTS_KVM_BACKPORTS_H */
