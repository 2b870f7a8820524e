/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * FNV-1a: a hash of 64 bits that is made byte by byte.  For what is told apart
 * by it, not for tables that a host could fill.  Pure, any thread.
 */
#ifndef LOGTAP_BASE_HASH_H
#define LOGTAP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Of nothing. */
#define LOGTAP_HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t logtap_hash_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t logtap_hash_bytes(uint64_t hash, const void *data,
					 size_t bytes)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < bytes; i++)
		hash = logtap_hash_byte(hash, at[i]);
	return hash;
}

#endif
