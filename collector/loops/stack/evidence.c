/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Reading evidence and stack chunks: see the header.  Any thread. */
#include "evidence.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { KNOWN_FLAGS = (LOGTAP_EVIDENCE_INTERNAL << 1) - 1 };

static bool has_address(uint16_t family)
{
	return family == AF_INET || family == AF_INET6;
}

int logtap_evidence_read(const struct logtap_chunk_view *chunk,
			 struct logtap_evidence_view *out)
{
	struct logtap_evidence raw;

	if (chunk->type != LOGTAP_CHUNK_EVIDENCE ||
	    chunk->payload_bytes < sizeof(raw))
		return LOGTAP_EVIDENCE_MALFORMED;
	memcpy(&raw, chunk->payload, sizeof(raw));
	size_t tail_bytes =
		raw.kind == LOGTAP_EVIDENCE_SEND ? raw.tail_bytes : 0;
	if (raw.kind == LOGTAP_EVIDENCE_NONE ||
	    raw.kind >= LOGTAP_EVIDENCE_KINDS ||
	    raw.head_bytes > LOGTAP_EVIDENCE_HEAD_BYTES ||
	    raw.head_bytes > chunk->payload_bytes - sizeof(raw) ||
	    tail_bytes > raw.head_bytes)
		return LOGTAP_EVIDENCE_MALFORMED;
	*out = (struct logtap_evidence_view){
		.kind = (enum logtap_evidence_kind)raw.kind,
		.flags = raw.flags & KNOWN_FLAGS,
		.depth = raw.kind == LOGTAP_EVIDENCE_SEND ? 0 : raw.depth,
		.fd = raw.fd,
		.result = raw.result,
		.bytes = raw.bytes,
		.held_ns = (uint64_t)raw.held_us * 1000,
		.head = chunk->payload + sizeof(raw),
		.head_bytes = raw.head_bytes - tail_bytes,
		.tail = chunk->payload + sizeof(raw) + raw.head_bytes -
			tail_bytes,
		.tail_bytes = tail_bytes,
	};
	if (raw.kind != LOGTAP_EVIDENCE_CONNECT)
		return 0;
	if (has_address(raw.family) || raw.family == AF_UNIX)
		out->family = raw.family;
	if (!has_address(raw.family))
		return 0;
	out->port = raw.port;
	memcpy(out->address, raw.address, raw.family == AF_INET ? 4 : 16);
	return 0;
}

static unsigned registers_of(uint16_t arch)
{
	switch (arch) {
	case LOGTAP_STACK_X86_64:
		return LOGTAP_STACK_REGISTERS_X86_64;
	case LOGTAP_STACK_AARCH64:
		return LOGTAP_STACK_REGISTERS_AARCH64;
	default:
		return 0;
	}
}

/* What is behind the slice, @left bytes. */
static void read_memory(const unsigned char *at, size_t left,
			struct logtap_stack_view *out)
{
	struct logtap_stack_memory raw;

	if (left < sizeof(raw) + LOGTAP_STACK_MEMORY_BYTES)
		return;
	memcpy(&raw, at, sizeof(raw));
	if (raw.bytes > LOGTAP_STACK_MEMORY_BYTES || raw.end < raw.bytes)
		return;
	out->memory_low = raw.end - raw.bytes;
	out->memory_bytes = raw.bytes;
	out->memory = at + sizeof(raw) + LOGTAP_STACK_MEMORY_BYTES - raw.bytes;
}

int logtap_stack_read(const struct logtap_chunk_view *chunk,
		      struct logtap_stack_view *out)
{
	struct logtap_stack raw;
	size_t left = chunk->payload_bytes;

	if (chunk->type != LOGTAP_CHUNK_STACK || left < sizeof(raw))
		return LOGTAP_EVIDENCE_MALFORMED;
	memcpy(&raw, chunk->payload, sizeof(raw));
	left -= sizeof(raw);
	unsigned registers = registers_of(raw.arch);
	if (!registers || raw.registers != registers ||
	    left < registers * sizeof(uint64_t))
		return LOGTAP_EVIDENCE_MALFORMED;
	left -= registers * sizeof(uint64_t);
	if (raw.slice_bytes > left ||
	    raw.slice_bytes > LOGTAP_STACK_SLICE_BYTES ||
	    raw.low > UINT64_MAX - raw.slice_bytes)
		return LOGTAP_EVIDENCE_MALFORMED;
	*out = (struct logtap_stack_view){
		.arch = (enum logtap_stack_arch)raw.arch,
		.reason = (enum logtap_stack_reason)raw.reason,
		.sequence = raw.sequence,
		.registers = registers,
		.low = raw.low,
		.slice_bytes = raw.slice_bytes,
	};
	const unsigned char *at = chunk->payload + sizeof(raw);
	memcpy(out->values, at, registers * sizeof(uint64_t));
	out->slice = at + registers * sizeof(uint64_t);
	read_memory(out->slice + raw.slice_bytes, left - raw.slice_bytes, out);
	return 0;
}

bool logtap_stack_memory_copy(const struct logtap_stack_view *view,
			      uint64_t address, void *to, size_t bytes)
{
	uint64_t low = view->memory_low, high = low + view->memory_bytes;
	uint64_t end = address + bytes;
	uint64_t from = address > low ? address : low;
	uint64_t until = end < high ? end : high;

	if (end < address)
		return false;
	if (from < until)
		memcpy((unsigned char *)to + (from - address),
		       view->memory + (from - low), until - from);
	return from == address && until == end;
}

void logtap_evidence_address(const struct logtap_evidence_view *view,
			     char text[LOGTAP_EVIDENCE_ADDRESS_BYTES])
{
	char address[INET6_ADDRSTRLEN];

	text[0] = '\0';
	if (!has_address(view->family) ||
	    !inet_ntop(view->family, view->address, address, sizeof(address)))
		return;
	snprintf(text, LOGTAP_EVIDENCE_ADDRESS_BYTES,
		 view->family == AF_INET ? "%s:%u" : "[%s]:%u", address,
		 view->port);
}
