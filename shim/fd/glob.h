/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Patterns of file names, matched without libc.  Pure; safe everywhere.
 */
#ifndef LOGTAP_FD_GLOB_H
#define LOGTAP_FD_GLOB_H

#include <stdbool.h>

/* Is @path one of @patterns?  They are separated by colons; * stands for any
 * characters but /, ** for any, ? for one that is not /, [a-z] and [!a-z] for
 * one of a set, \ takes the next character as it is. */
bool logtap_glob_match_any(const char *patterns, const char *path);

#endif
