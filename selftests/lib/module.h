/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module itself: loading and unloading it, and what the test module
 * el2_probe and the kernel say of the state that it leaves behind; and what
 * tests need that do things many times.
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
 * module_does() - is a parameter of the loaded module's on?
 * @parameter: of type bool
 */
bool module_does(const char *parameter);

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
 * probe_matches() - is a file of el2_probe's still the same?
 * @name: of the file
 * @before: what probe_read() made of it
 *
 * Prints the lines that are not, as comments.
 */
bool probe_matches(const char *name, const char *before);

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

/** is_long_run() - has $SETWAY_LONG asked for the long variant of a test? */
bool is_long_run(void);

/**
 * random_seed() - where a test's random choices begin
 *
 * $SETWAY_SEED, or else a constant, so that a run can be repeated.
 */
u64 random_seed(void);

/**
 * random_next() - the next random number
 * @state: a seed at first
 *
 * Return: 64 bits.
 */
u64 random_next(u64 *state);

#endif /* SELFTESTS_LIB_MODULE_H */
