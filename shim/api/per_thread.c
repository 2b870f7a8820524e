/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A value per object and thread: a list of nodes that only grows while the
 * object lives, so that its owner can walk it at any time. */
#include "../bytes.h"
#include "../guard/tls.h"
#include "../segment/claim.h"
#include "api.h"

struct node {
	struct node *next;
	uint64_t start; /* with tid it names the thread */
	uint32_t tid;
	_Alignas(16) unsigned char value[];
};

struct logtap_per_thread {
	struct node *_Atomic first;
	size_t bytes;
	_Atomic uint32_t locked;
	unsigned char *page; /* nodes are cut from it */
	size_t left;
	struct chunk *chunks;
};

struct chunk {
	struct chunk *next;
	size_t bytes;
};

#define CHUNK_BYTES 65536

struct logtap_per_thread *(logtap_per_thread_new)(size_t bytes)
{
	struct logtap_per_thread *object;

	if (bytes > SIZE_MAX / 4)
		return NULL;
	object = logtap_memory_new(sizeof *object);
	if (object)
		object->bytes = bytes;
	return object;
}

void(logtap_per_thread_free)(struct logtap_per_thread *object)
{
	struct chunk *chunk = object ? object->chunks : NULL;

	while (chunk) {
		struct chunk *next = chunk->next;
		logtap_memory_free(chunk, chunk->bytes);
		chunk = next;
	}
	logtap_memory_free(object, sizeof *object);
}

/* Under the lock. */
static struct node *cut_node(struct logtap_per_thread *object)
{
	size_t need = (sizeof(struct node) + object->bytes + 15) & ~(size_t)15;

	if (object->left < need) {
		size_t bytes =
			need + 64 > CHUNK_BYTES ? need + 64 : CHUNK_BYTES;
		struct chunk *chunk = logtap_memory_new(bytes);
		if (!chunk)
			return NULL;
		chunk->bytes = bytes;
		chunk->next = object->chunks;
		object->chunks = chunk;
		object->page = (unsigned char *)chunk + 64;
		object->left = bytes - 64;
	}
	struct node *node = (void *)object->page;
	object->page += need;
	object->left -= need;
	return node;
}

void *(logtap_per_thread_get)(struct logtap_per_thread *object)
{
	struct logtap_tls *tls = &logtap_tls;
	struct node *node;

	/* A thread is known by its slot; one without has no name here. */
	if (!object || !logtap_claim_birth(tls))
		return NULL;
	for (node = atomic_load(&object->first); node; node = node->next)
		if (node->tid == tls->tid && node->start == tls->start)
			return node->value;
	while (atomic_exchange_explicit(&object->locked, 1,
					memory_order_acquire))
		__asm__ volatile("" ::: "memory");
	node = cut_node(object);
	if (node) {
		node->tid = tls->tid;
		node->start = tls->start;
		node->next = atomic_load(&object->first);
		atomic_store(&object->first, node);
	}
	atomic_store_explicit(&object->locked, 0, memory_order_release);
	return node ? node->value : NULL;
}

size_t(logtap_per_thread_walk)(struct logtap_per_thread *object,
			       logtap_per_thread_function *function,
			       void *context)
{
	size_t shown = 0;

	if (!object)
		return 0;
	for (struct node *node = atomic_load(&object->first); node;
	     node = node->next, shown++)
		function(context, node->tid, node->value);
	return shown;
}
