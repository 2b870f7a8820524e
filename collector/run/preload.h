/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * LD_PRELOAD: liblogtap.so's place in the list.
 */
#ifndef LOGTAP_RUN_PRELOAD_H
#define LOGTAP_RUN_PRELOAD_H

#include <stdbool.h>

/* Carries the list across logtap_preload_shed(). */
#define LOGTAP_PRELOAD_SHED "LOGTAP_SHED_PRELOAD"

/* True if a liblogtap.so is in @list (in the form of LD_PRELOAD; or NULL). */
bool logtap_preload_contains(const char *list);

/* @list without any liblogtap.so, its other bytes as they were.  Return: to be
 * freed; NULL: out of memory. */
char *logtap_preload_without(const char *list);

/**
 * logtap_preload_with() - @list and @library
 * @list:    the list as it is, or NULL; keeps its order and separators
 * @library: appended, unless a liblogtap.so is there already
 *
 * Return: to be freed; NULL: out of memory.
 */
char *logtap_preload_with(const char *list, const char *library);

/**
 * logtap_preload_shed() - make sure that this process is not captured itself
 * @argv: of main()
 *
 * If liblogtap.so was preloaded into it, the program takes it out of LD_PRELOAD
 * and executes itself again; the list as it was travels in LOGTAP_SHED_PRELOAD,
 * which the second image takes out of its environment.
 */
void logtap_preload_shed(char **argv);
/* The list as it was before logtap_preload_shed(); NULL: unset. */
const char *logtap_preload_original(void);

#endif
