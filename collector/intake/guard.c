/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guarded mappings: see the header.
 *
 * The handler runs in whichever thread touched the page and takes no lock: it
 * walks a list of blocks that are only ever added and never freed, so an entry
 * is at worst stale, never gone.  It calls mmap and sigaction alone.
 */
#include "guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCK_ENTRIES = 128 };

struct logtap_guard {
	_Atomic uintptr_t start; /* 0: unused */
	_Atomic uintptr_t end;
	_Atomic int tripped;
	bool taken; /* under the lock */
};

struct block {
	struct logtap_guard entries[BLOCK_ENTRIES];
	struct block *_Atomic next;
};

static struct block first_block;
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t page_bytes = 4096;

static struct logtap_guard *guard_at(uintptr_t address)
{
	for (struct block *block = &first_block; block;
	     block = atomic_load_explicit(&block->next, memory_order_acquire))
		for (int i = 0; i < BLOCK_ENTRIES; i++) {
			struct logtap_guard *entry = &block->entries[i];
			/* pairs with the release in logtap_guard_add */
			uintptr_t start = atomic_load_explicit(
				&entry->start, memory_order_acquire);
			if (start && address >= start &&
			    address <
				    atomic_load_explicit(&entry->end,
							 memory_order_relaxed))
				return entry;
		}
	return NULL;
}

static void on_sigbus(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	int saved_errno = errno;
	uintptr_t address = (uintptr_t)info->si_addr;
	struct logtap_guard *entry = guard_at(address);
	if (entry) {
		void *page = (void *)(address & ~(page_bytes - 1));
		if (mmap(page, page_bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == page) {
			atomic_store_explicit(&entry->tripped, 1,
					      memory_order_release);
			errno = saved_errno;
			return;
		}
	}
	/* Not ours: the instruction is repeated and meets the default. */
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigaction(signal_number, &action, NULL);
	errno = saved_errno;
}

int logtap_guard_install(void)
{
	long page = sysconf(_SC_PAGESIZE);
	if (page > 0)
		page_bytes = (uintptr_t)page;
	struct sigaction action = {.sa_sigaction = on_sigbus,
				   .sa_flags = SA_SIGINFO};
	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

static struct logtap_guard *free_entry(void)
{
	struct block *block = &first_block;
	for (;;) {
		for (int i = 0; i < BLOCK_ENTRIES; i++)
			if (!block->entries[i].taken)
				return &block->entries[i];
		struct block *next = atomic_load(&block->next);
		if (!next) {
			next = calloc(1, sizeof(*next));
			if (!next)
				return NULL;
			atomic_store_explicit(&block->next, next,
					      memory_order_release);
		}
		block = next;
	}
}

struct logtap_guard *logtap_guard_add(void *start, size_t bytes)
{
	pthread_mutex_lock(&table_lock);
	struct logtap_guard *entry = free_entry();
	if (entry) {
		entry->taken = true;
		atomic_store(&entry->tripped, 0);
		atomic_store(&entry->end, (uintptr_t)start + bytes);
		atomic_store_explicit(&entry->start, (uintptr_t)start,
				      memory_order_release);
	}
	pthread_mutex_unlock(&table_lock);
	return entry;
}

void logtap_guard_remove(struct logtap_guard *guard)
{
	if (!guard)
		return;
	pthread_mutex_lock(&table_lock);
	atomic_store(&guard->start, 0);
	guard->taken = false;
	pthread_mutex_unlock(&table_lock);
}

bool logtap_guard_tripped(const struct logtap_guard *guard)
{
	return atomic_load_explicit(&guard->tripped, memory_order_acquire);
}
