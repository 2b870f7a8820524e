/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The payloads of EVIDENCE and STACK chunks: what a host knows about feedback,
 * and where in its program a thread was.
 *
 * An EVIDENCE chunk is one struct logtap_evidence and, for a SEND, the first
 * bytes of what was sent, since 1.6 where that is longer its last ones behind
 * them: what a request carries lies behind what it says of itself.  A STACK chunk is one struct logtap_stack, its
 * registers, and a slice of the stack from the stack pointer on, and since 1.5,
 * where that was asked for, a piece of other memory; it comes just before the
 * chunk of the same ring that it belongs to, so that who reads that one knows
 * where it came from.  Neither is ever split, and neither is counted
 * as dropped when there is no room for it.
 */
#ifndef LOGTAP_ABI_EVIDENCE_H
#define LOGTAP_ABI_EVIDENCE_H

#include <logtap/abi/version.h>

enum logtap_evidence_kind {
	LOGTAP_EVIDENCE_NONE = 0,
	LOGTAP_EVIDENCE_REENTRY = 1, /* a call inside a callback of ours, or
	                              * while the host dispatches: passed on */
	LOGTAP_EVIDENCE_CONNECT = 2, /* a connection to an OTLP endpoint */
	LOGTAP_EVIDENCE_SEND = 3,    /* bytes on such a connection */
	LOGTAP_EVIDENCE_CLOSE = 4,   /* the end of such a descriptor */
	LOGTAP_EVIDENCE_OBJECTS = 5, /* what is loaded: its head holds some of
	                              * struct logtap_object */
	LOGTAP_EVIDENCE_KINDS
};

enum logtap_evidence_flag {
	/* how the endpoint was known */
	LOGTAP_EVIDENCE_BY_PORT = 1u << 0,     /* 4317 or 4318 */
	LOGTAP_EVIDENCE_CONFIGURED = 1u << 1,  /* port of an OTEL_EXPORTER_OTLP
	                                        * endpoint, or named to us */
	LOGTAP_EVIDENCE_BY_PATH = 1u << 2,     /* "/v1/logs" was sent */
	LOGTAP_EVIDENCE_HELD = 1u << 3,	       /* SEND: was delayed before */
	LOGTAP_EVIDENCE_IN_CALLBACK = 1u << 4, /* REENTRY: of an event's sink */
	LOGTAP_EVIDENCE_DISPATCHING = 1u << 5, /* REENTRY: the host's guard */
	LOGTAP_EVIDENCE_INTERNAL = 1u << 6,    /* thread marked as telemetry's
	                                        * own: SEND and CONNECT of it */
};

#define LOGTAP_EVIDENCE_HEAD_BYTES 2048

struct logtap_evidence {
	uint16_t kind;	/* enum logtap_evidence_kind */
	uint16_t flags; /* enum logtap_evidence_flag */
	int32_t fd;	/* -1: none */
	uint64_t
		bytes; /* SEND: that the call took; REENTRY: that it was given */
	int32_t result; /* CONNECT, and a SEND that failed: -errno; else 0 */
	union {
		uint16_t
			depth; /* REENTRY: 2 is the first call inside another */
		uint16_t tail_bytes; /* SEND: so many of head_bytes are the
				      * last that were sent */
	};
	uint16_t head_bytes; /* SEND, OBJECTS: bytes behind this struct */
	uint32_t held_us;    /* SEND: how long it was delayed */
	uint16_t family; /* CONNECT: AF_INET, AF_INET6, AF_UNIX; 0: unknown */
	uint16_t port;	 /* CONNECT: in host order */
	unsigned char address[16]; /* CONNECT: 4 or 16 bytes, network order */
};
static_assert(offsetof(struct logtap_evidence, fd) == 4, "evidence ABI");
static_assert(offsetof(struct logtap_evidence, bytes) == 8, "evidence ABI");
static_assert(offsetof(struct logtap_evidence, result) == 16, "evidence ABI");
static_assert(offsetof(struct logtap_evidence, depth) == 20, "evidence ABI");
static_assert(offsetof(struct logtap_evidence, tail_bytes) == 20,
	      "evidence ABI");
static_assert(offsetof(struct logtap_evidence, head_bytes) == 22,
	      "evidence ABI");
static_assert(offsetof(struct logtap_evidence, held_us) == 24, "evidence ABI");
static_assert(offsetof(struct logtap_evidence, family) == 28, "evidence ABI");
static_assert(offsetof(struct logtap_evidence, port) == 30, "evidence ABI");
static_assert(offsetof(struct logtap_evidence, address) == 32, "evidence ABI");
static_assert(sizeof(struct logtap_evidence) == 48, "evidence ABI");

/* One file that the process began with, for stacks that are unwound when it has
 * ended; then its path, and zeros up to a multiple of 8. */
struct logtap_object {
	uint64_t start; /* where its first segment lies */
	uint64_t end;
	unsigned char build_id[20]; /* zeros: it has none */
	uint16_t build_id_bytes;
	uint16_t path_bytes; /* without NUL */
};
static_assert(offsetof(struct logtap_object, build_id) == 16, "evidence ABI");
static_assert(offsetof(struct logtap_object, path_bytes) == 38, "evidence ABI");
static_assert(sizeof(struct logtap_object) == 40, "evidence ABI");

/* Registers by their DWARF numbers, the program counter last; those that a
 * call need not preserve are 0. */
enum logtap_stack_arch {
	LOGTAP_STACK_X86_64 = 1,  /* 17: rax ... r15, rip */
	LOGTAP_STACK_AARCH64 = 2, /* 33: x0 ... x30, sp, pc */
};
#define LOGTAP_STACK_REGISTERS_X86_64 17
#define LOGTAP_STACK_REGISTERS_AARCH64 33
#define LOGTAP_STACK_REGISTERS_MAX 33

enum logtap_stack_reason {
	LOGTAP_STACK_FOR_WATCH =
		1, /* logtap_control.watches names the thread */
	LOGTAP_STACK_FOR_LEVEL = 2, /* logtap_control.stack_level */
	LOGTAP_STACK_FOR_EVIDENCE =
		3, /* a REENTRY, or a SEND of a watched one */
};

#define LOGTAP_STACK_SLICE_BYTES 16384 /* at most */

struct logtap_stack {
	uint16_t arch;	      /* enum logtap_stack_arch */
	uint16_t registers;   /* 8 bytes each, behind this struct */
	uint32_t slice_bytes; /* behind the registers */
	uint32_t sequence;    /* of the chunk that this belongs to, which is the
	                       * next one unless that found no room */
	uint32_t reason;      /* enum logtap_stack_reason */
	uint64_t low;	      /* address of the slice's first byte */
	uint64_t high;	      /* end of the stack as it is known; 0: unknown */
};
static_assert(offsetof(struct logtap_stack, slice_bytes) == 4, "stack ABI");
static_assert(offsetof(struct logtap_stack, sequence) == 8, "stack ABI");
static_assert(offsetof(struct logtap_stack, reason) == 12, "stack ABI");
static_assert(offsetof(struct logtap_stack, low) == 16, "stack ABI");
static_assert(offsetof(struct logtap_stack, high) == 24, "stack ABI");
static_assert(sizeof(struct logtap_stack) == 32, "stack ABI");

/* Behind the slice: what lay before @end at that moment, at the end of the
 * LOGTAP_STACK_MEMORY_BYTES that follow; the others are 0. */
#define LOGTAP_STACK_MEMORY_BYTES 8192
struct logtap_stack_memory {
	uint64_t end;	/* address */
	uint32_t bytes; /* so many of them */
	uint32_t reserved;
};
static_assert(offsetof(struct logtap_stack_memory, bytes) == 8, "stack ABI");
static_assert(sizeof(struct logtap_stack_memory) == 16, "stack ABI");

#endif
