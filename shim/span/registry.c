/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Spans of this process: a fixed table, because nothing is allocated here.
 * A span lives while it has references: the caller's, and one of each child.
 * Lock-free; runs in any thread of the host. */
#include "registry.h"

#include "../bytes.h"
#include "../random.h"
#include "../state.h"

#define SPANS 4096u

struct span {
	_Atomic uint64_t id; /* 0: free; 1: being made or closed */
	_Atomic uint32_t references;
	uint32_t rounds; /* of reuse: the upper part of the id */
	uint64_t parent;
	struct logtap_span_context context;
	char name[32];
};
static LOGTAP_BSS("4") struct span spans[SPANS];
static _Atomic uint32_t hint;
static logtap_span_closed_function *_Atomic on_close;
static struct logtap_span_context from_environment;
static bool has_environment;

/* ids: the place in the low 16 bits, the round of its reuse above. */
static struct span *span_of(logtap_span id)
{
	struct span *span = &spans[id & (SPANS - 1)];

	return id > SPANS && atomic_load(&span->id) == id ? span : NULL;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *text, unsigned char *to, size_t bytes)
{
	unsigned any = 0;

	for (size_t i = 0; i < bytes; i++) {
		int high = hex(text[2 * i]);
		int low = high < 0 ? -1 : hex(text[2 * i + 1]);
		if (low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
		any |= to[i];
	}
	return any || bytes == 1; /* ids of zeros are invalid */
}

void logtap_span_init(char **envp)
{
	struct logtap_span_context *context = &from_environment;

	for (; envp && *envp; envp++) {
		const char *text = logtap_bytes_after(*envp, "TRACEPARENT=");
		if (!text)
			continue;
		/* W3C Trace Context, version 00: 2-32-16-2 digits. */
		has_environment = logtap_bytes_length(text) == 55 &&
				  text[0] == '0' && text[1] == '0' &&
				  text[2] == '-' && text[35] == '-' &&
				  text[52] == '-' &&
				  read_hex(text + 3, context->trace_id, 16) &&
				  read_hex(text + 36, context->span_id, 8) &&
				  read_hex(text + 53, &context->flags, 1);
		return;
	}
}

static void set_context(struct span *span, const struct span *parent)
{
	struct logtap_span_context *context = &span->context;

	logtap_random_put(context->span_id, sizeof context->span_id);
	if (parent || has_environment) {
		const struct logtap_span_context *from =
			parent ? &parent->context : &from_environment;
		logtap_bytes_copy(context->trace_id, from->trace_id, 16);
		context->flags = from->flags;
	} else {
		logtap_random_put(context->trace_id, sizeof context->trace_id);
		context->flags = 1;
	}
}

logtap_span logtap_registry_add(const char *name, logtap_span parent_id)
{
	uint32_t start = atomic_fetch_add(&hint, 1);
	struct span *parent = NULL;

	if (parent_id && logtap_registry_ref(parent_id))
		parent = span_of(parent_id);
	for (uint32_t i = 0; i < SPANS; i++) {
		uint32_t place = (start + i) % SPANS;
		struct span *span = &spans[place];
		uint64_t is_free = 0;
		if (!atomic_compare_exchange_strong(&span->id, &is_free, 1))
			continue;
		span->rounds++;
		span->parent = parent ? parent_id : 0;
		logtap_bytes_string(span->name, sizeof span->name, name);
		set_context(span, parent);
		atomic_store(&span->references, 1);
		uint64_t id = ((uint64_t)span->rounds << 16) | place;
		atomic_store(&span->id, id);
		return id;
	}
	if (parent)
		logtap_registry_unref(parent_id);
	return 0;
}

bool logtap_registry_ref(logtap_span id)
{
	struct span *span = span_of(id);
	uint32_t references;

	if (!span)
		return false;
	references = atomic_load(&span->references);
	do {
		if (!references)
			return false; /* it is just closing */
	} while (!atomic_compare_exchange_weak(&span->references, &references,
					       references + 1));
	return true;
}

bool logtap_registry_unref(logtap_span id)
{
	bool first = true;

	if (!id)
		return false;
	/* A parent follows its last child, so the order is from the leaf up. */
	while (id) {
		struct span *span = span_of(id);
		if (!span)
			return !first;
		if (atomic_fetch_sub(&span->references, 1) != 1)
			return true;
		logtap_span_closed_function *function = atomic_load(&on_close);
		char name[sizeof span->name];
		uint64_t parent = span->parent;
		logtap_bytes_copy(name, span->name, sizeof name);
		atomic_store(&span->id, 0);
		if (function)
			function(id, name);
		id = parent;
		first = false;
	}
	return true;
}

bool logtap_registry_context(logtap_span id, struct logtap_span_context *out)
{
	const struct span *span = span_of(id);

	if (!span)
		return false;
	*out = span->context;
	/* Another thread may have closed it, and its place been used again. */
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&span->id, memory_order_relaxed) == id;
}

void logtap_registry_on_close(logtap_span_closed_function *function)
{
	atomic_store(&on_close, function);
}
