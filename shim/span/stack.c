/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The spans that a thread is in: see logtap/logtap.h.  An entry is the id, its
 * top bit set when it was on the stack already. */
#include "../api/thread_end.h"
#include "../bytes.h"
#include "../guard/mark.h"
#include "context.h"
#include "registry.h"

#define DUPLICATE (UINT64_C(1) << 63)

logtap_span(logtap_span_new)(const char *name, logtap_span parent)
{
	return logtap_registry_add(name,
				   parent ? parent : (logtap_span_current)());
}

int(logtap_span_ref)(logtap_span span)
{
	return logtap_registry_ref(span);
}

int(logtap_span_close)(logtap_span span)
{
	return logtap_registry_unref(span);
}

void(logtap_span_on_close)(logtap_span_closed_function *function)
{
	logtap_registry_on_close(function);
}

int(logtap_span_context)(logtap_span span, struct logtap_span_context *out)
{
	return logtap_registry_context(span, out);
}

int(logtap_span_enter)(logtap_span span)
{
	struct logtap_tls *tls = &logtap_tls;
	uint64_t entry = span;

	if (tls->span_depth == LOGTAP_ENTERED_SPANS ||
	    !logtap_registry_ref(span))
		return -1;
	for (uint32_t i = 0; i < tls->span_depth; i++)
		if ((tls->spans[i] & ~DUPLICATE) == span)
			entry |= DUPLICATE;
	logtap_thread_end_await(tls);
	tls->spans[tls->span_depth] = entry;
	atomic_signal_fence(memory_order_seq_cst);
	tls->span_depth++;
	logtap_mark_set(tls, LOGTAP_MARK_SPAN);
	return !(entry & DUPLICATE);
}

int(logtap_span_exit)(logtap_span span)
{
	struct logtap_tls *tls = &logtap_tls;
	uint32_t at = tls->span_depth;

	while (at && (tls->spans[at - 1] & ~DUPLICATE) != span)
		at--;
	if (!at || !span)
		return 0;
	uint64_t entry = tls->spans[at - 1];
	for (; at < tls->span_depth; at++)
		tls->spans[at - 1] = tls->spans[at];
	tls->span_depth--;
	if (!tls->span_depth)
		logtap_mark_clear(tls, LOGTAP_MARK_SPAN);
	logtap_registry_unref(span);
	return !(entry & DUPLICATE);
}

void logtap_span_exit_all(struct logtap_tls *tls)
{
	while (tls->span_depth)
		(logtap_span_exit)(tls->spans[tls->span_depth - 1] &
				   ~DUPLICATE);
}

static logtap_span current_of(const struct logtap_tls *tls)
{
	for (uint32_t at = tls->span_depth; at; at--)
		if (!(tls->spans[at - 1] & DUPLICATE))
			return tls->spans[at - 1];
	return 0;
}

logtap_span(logtap_span_current)(void)
{
	return current_of(&logtap_tls);
}

int(logtap_span_traceparent)(logtap_span span, char out[56])
{
	struct logtap_span_context context;
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes;
	size_t at = 0;

	if (!logtap_registry_context(span, &context))
		return 0;
	logtap_bytes_put(out, 56, &at, "00-");
	bytes = context.trace_id;
	for (size_t i = 0; i < 16 + 8 + 1; i++) {
		if (i == 16 || i == 24)
			out[at++] = '-';
		bytes = i < 16	 ? &context.trace_id[i]
			: i < 24 ? &context.span_id[i - 16]
				 : &context.flags;
		out[at++] = digits[*bytes >> 4];
		out[at++] = digits[*bytes & 15];
	}
	out[at] = '\0';
	return 1;
}

uint16_t logtap_span_item(const struct logtap_tls *tls, void *to)
{
	struct logtap_extension item = {LOGTAP_EXTENSION_TRACE, 25};
	struct logtap_span_context context;
	unsigned char *out = to;

	/* The program's own span of ours is the narrower one. */
	if (!(tls->span_depth &&
	      logtap_registry_context(current_of(tls), &context)) &&
	    !logtap_context_read(tls, &context))
		return 0;
	logtap_bytes_copy(out, &item, sizeof item);
	logtap_bytes_copy(out + 4, context.trace_id, 16);
	logtap_bytes_copy(out + 20, context.span_id, 8);
	out[28] = context.flags;
	out[29] = out[30] = out[31] = 0;
	return LOGTAP_TRACE_ITEM_BYTES;
}
