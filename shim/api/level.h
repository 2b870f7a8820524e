/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Thresholds of events.
 */
#ifndef LOGTAP_API_LEVEL_H
#define LOGTAP_API_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The severity number of a name, such as "warn", of @bytes. */
bool logtap_level_named(const char *text, size_t bytes, uint32_t *out);

/* Reads LOGTAP_LEVEL ("info,h2=off"), in the constructor; NULL: not set. */
void logtap_level_init(const char *value);

bool logtap_level_passes(int severity, const char *target);

#endif
