/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module itself: loading and unloading it, and what the test module
 * el2_probe and the kernel say of the state that it leaves behind.
 */
#ifndef SELFTESTS_LIB_MODULE_H
#define SELFTESTS_LIB_MODULE_H

#include "types.h"

#define PROBE_SIZE	65536	/* room for any of el2_probe's files */

/**
 * module_load() - load the module
 * @parameters: besides those in $MODULE_ARGS; "" for none
 *
 * Return: 0, or -1 with errno set.
 */
int module_load(const char *parameters);

/**
 * module_unload() - unload the module, without waiting for anything
 *
 * Return: 0, or -1 with errno set.
 */
int module_unload(void);

/** module_is_loaded() - is it? */
bool module_is_loaded(void);

/**
 * probe_load() - load the test module el2_probe
 *
 * Fails if that does not work.
 */
void probe_load(void);

/** probe_unload() - unload it */
void probe_unload(void);

/**
 * probe_read() - read a file of el2_probe's
 * @name: of the file
 * @text: gets it, as a string; PROBE_SIZE bytes
 *
 * Fails if it cannot be read.
 */
void probe_read(const char *name, char *text);

/**
 * probe_calls() - do all CPUs that are online answer alike?
 * @answers: what a line of el2_probe's file "calls" has after the CPU
 */
bool probe_calls(const char *answers);

/* The kernel's stub knows neither call; the runtime knows one, refuses the last. */
#define PROBE_STUB	"0xbadca11 0xbadca11"
#define PROBE_RUNTIME	"0xbadca11 0x1 0xbadca11"

/**
 * log_mark() - remember how far the kernel's log has come
 */
void log_mark(void);

/**
 * log_is_clean() - nothing of level warning or above since log_mark()?
 *
 * Prints what there is, as comments.
 */
bool log_is_clean(void);

/**
 * memory_free() - how much memory the kernel has to give away
 *
 * To a few hundred KiB, so that small leaks show when they are many: caches are
 * dropped, and pages that wait in the CPUs' own lists count as free.
 *
 * Return: KiB.
 */
u64 memory_free(void);

#endif /* SELFTESTS_LIB_MODULE_H */
