/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a test runs.
 */
#ifndef SELFTESTS_LIB_CPU_H
#define SELFTESTS_LIB_CPU_H

/**
 * cpu_bind() - run on one CPU only, from here on
 * @cpu: its number; the program fails if it is not there
 */
void cpu_bind(unsigned int cpu);

#endif /* SELFTESTS_LIB_CPU_H */
