/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a line says, without what changes from one to the next: two lines of
 * one format string have the same signature.  Pure; any thread.
 */
#ifndef LOGTAP_LOOPS_SIGNATURE_H
#define LOGTAP_LOOPS_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

/* Numbers, and runs of hexadecimal digits that have a number in them, count as
 * one sign whatever their length; only the first bytes are looked at. */
enum { LOGTAP_SIGNATURE_BYTES = 192 };
uint64_t logtap_signature(const char *text, size_t bytes);

/* One number out of two, well mixed. */
static inline uint64_t logtap_signature_mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

#endif
