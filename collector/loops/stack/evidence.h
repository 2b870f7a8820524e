/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Evidence and stack chunks, read and checked.
 *
 * What a view points to lies in the chunk, and is valid as long as that is.
 * Pure functions; any thread.
 */
#ifndef LOGTAP_LOOPS_EVIDENCE_H
#define LOGTAP_LOOPS_EVIDENCE_H

#include "../../shape/source.h"

#include <logtap/abi/evidence.h>

struct logtap_evidence_view {
	enum logtap_evidence_kind kind;
	uint16_t flags; /* enum logtap_evidence_flag; others are taken out */
	uint16_t depth;
	int32_t fd;
	int32_t result;
	uint64_t bytes;
	uint64_t held_ns;
	uint16_t family; /* AF_INET, AF_INET6, AF_UNIX, or 0 */
	uint16_t port;
	unsigned char address[16];
	const unsigned char *head; /* of a SEND, its beginning; any bytes */
	size_t head_bytes;
	const unsigned char *tail; /* and its end; what lies between is not
				    * known */
	size_t tail_bytes; /* 0: the head is all, or all that there is */
};

struct logtap_stack_view {
	enum logtap_stack_arch arch;
	enum logtap_stack_reason reason;
	uint32_t sequence; /* of the chunk that it belongs to */
	unsigned registers;
	uint64_t values[LOGTAP_STACK_REGISTERS_MAX]; /* by DWARF number */
	uint64_t low;
	const unsigned char *slice; /* memory from @low on; may be unaligned */
	size_t slice_bytes;
	/* other memory, as it was at that moment; may be unaligned */
	uint64_t memory_low;
	const unsigned char *memory;
	size_t memory_bytes; /* 0: none */
};

enum { LOGTAP_EVIDENCE_MALFORMED = 1 };

/* Return: 0, or LOGTAP_EVIDENCE_MALFORMED. */
int logtap_evidence_read(const struct logtap_chunk_view *chunk,
			 struct logtap_evidence_view *out);
int logtap_stack_read(const struct logtap_chunk_view *chunk,
		      struct logtap_stack_view *out);

/* Copies what of it came with the stack; the rest of @to is left.
 * Return: is that all of it? */
bool logtap_stack_memory_copy(const struct logtap_stack_view *view,
			      uint64_t address, void *to, size_t bytes);

/* The address of a CONNECT as "ADDRESS:PORT" or "[ADDRESS]:PORT"; empty if it
 * has none. */
#define LOGTAP_EVIDENCE_ADDRESS_BYTES 56
void logtap_evidence_address(const struct logtap_evidence_view *view,
			     char text[LOGTAP_EVIDENCE_ADDRESS_BYTES]);

#endif
