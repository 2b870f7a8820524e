/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Version and magic of the format that a host and the collector share.
 *
 * Everything in include/logtap/abi/ describes bytes in a segment file.  The
 * shim that writes a segment and the collector that reads it are built at
 * different times, so every field has a fixed width and a fixed offset, and
 * each offset is asserted where it is declared.
 *
 * Rules: raise MINOR when a field is appended in a reserved place (old readers
 * keep working); raise MAJOR when anything moves (old readers must refuse).
 */
#ifndef LOGTAP_ABI_VERSION_H
#define LOGTAP_ABI_VERSION_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define LOGTAP_ABI_MAJOR 1
#define LOGTAP_ABI_MINOR 7

/* The first eight bytes of a segment file, in file order. */
#define LOGTAP_ABI_MAGIC "LOGTAPSG"
#define LOGTAP_ABI_MAGIC_BYTES 8

/* Stored by the writer; a reader that sees another value has the other byte
 * order (or no segment at all) and refuses. */
#define LOGTAP_ABI_BYTE_ORDER UINT32_C(0x01020304)

#define LOGTAP_CACHE_LINE_BYTES 64
#define LOGTAP_PAGE_BYTES 4096

/* Shared words must be plain lock-free words in both processes. */
static_assert(ATOMIC_INT_LOCK_FREE == 2, "32-bit atomics are lock-free");
static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics are lock-free");
static_assert(sizeof(_Atomic uint64_t) == 8 && sizeof(_Atomic uint32_t) == 4,
	      "atomics have the size of their value");

#endif
