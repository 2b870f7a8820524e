/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The published trace context of a thread: see the header. */
#include "context.h"

#include "../bytes.h"
#include "../guard/mark.h"
#include "../loaded.h"
#include "../symbols.h"

#define NAME "otel_thread_ctx_v1"

/* What the variable points to; attributes follow. */
struct published {
	unsigned char trace_id[16];
	unsigned char span_id[8];
	unsigned char valid; /* 1 while the rest is whole */
	unsigned char flags;
	uint16_t attributes_bytes;
};

static _Atomic intptr_t distance; /* from logtap_tls; 0: not known */
static _Atomic bool forked;
static _Atomic uint64_t loads; /* of objects, when it was looked for last */

/* A block that is there at a thread's birth is static. */
static void look(uint64_t count)
{
	void *address = logtap_symbol_thread_local(NAME);

	atomic_store(&loads, count);
	if (address)
		atomic_store(&distance,
			     (intptr_t)address - (intptr_t)&logtap_tls);
}

void logtap_context_init(void)
{
	look(logtap_loaded_ever());
	logtap_context_meet(&logtap_tls);
}

void logtap_context_look(void)
{
	uint64_t count;

	if (!atomic_load_explicit(&distance, memory_order_relaxed) &&
	    !atomic_load_explicit(&forked, memory_order_relaxed)) {
		count = logtap_loaded_ever();
		if (count != atomic_load(&loads))
			look(count);
	}
}

void logtap_context_forked(void)
{
	atomic_store(&forked, true);
}

void logtap_context_meet(struct logtap_tls *tls)
{
	if (atomic_load_explicit(&distance, memory_order_relaxed))
		logtap_mark_set(tls, LOGTAP_MARK_CONTEXT);
}

bool logtap_context_read(const struct logtap_tls *tls,
			 struct logtap_span_context *out)
{
	const volatile struct published *published;
	struct published copy;
	unsigned any = 0;
	uintptr_t at;

	if (!(tls->mark & LOGTAP_MARK_CONTEXT))
		return false;
	at = (uintptr_t)tls +
	     (uintptr_t)atomic_load_explicit(&distance, memory_order_relaxed);
	published = *(const struct published *const volatile *)at;
	if (!published || published->valid != 1)
		return false;
	atomic_signal_fence(memory_order_seq_cst);
	copy = *(const struct published *)(uintptr_t)published;
	atomic_signal_fence(memory_order_seq_cst);
	for (unsigned i = 0; i < sizeof copy.trace_id; i++)
		any |= copy.trace_id[i];
	if (!any) /* zeros are no trace */
		return false;
	logtap_bytes_copy(out->trace_id, copy.trace_id, 16);
	logtap_bytes_copy(out->span_id, copy.span_id, 8);
	out->flags = copy.flags;
	return true;
}
