/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The death notice.  libc owns the thread's robust list, so its own mutex is
 * used: the kernel sets FUTEX_OWNER_DIED in its first word however the thread
 * ends.  The mutex is never unlocked and its memory never unmapped or reused
 * by the living owner, because it stays linked in the owner's list. */
#include "death.h"

#include "../arch/syscall.h"
#include "../state.h"
#include "../symbols.h"

#include <pthread.h>

/* glibc: the futex word is the first member, the kind is at offset 16 on
 * 64-bit targets.  Checked by logtap_death_take(): a libc that is built
 * otherwise does not leave its tid in the word. */
#define KIND_OFFSET 16
#define KIND_ROBUST_SHARED \
	(16 | 128) /* PTHREAD_MUTEX_ROBUST_NORMAL_NP, shared */

static_assert(sizeof(pthread_mutex_t) <= sizeof((struct logtap_slot *)0)->death,
	      "the mutex fits its cache line");

static int (*lock)(pthread_mutex_t *);

/* The list must be known to whoever marks it.  Emulators have no such call, and
 * the lock alone would not tell.  Not asked for once a filter is there: it may
 * kill for it. */
static bool kernel_walks_the_list(void)
{
	void *head = NULL;
	size_t bytes = 0;

	return logtap_filtered() ||
	       (logtap_sys3(SYS_get_robust_list, 0, (long)&head,
			    (long)&bytes) == 0 &&
		head);
}

void logtap_death_init(void)
{
	struct logtap_symbol symbol;

	if (!kernel_walks_the_list()) {
		logtap_state.identity.coverage[LOGTAP_MECHANISM_DEATH] =
			LOGTAP_COVERAGE_SELF_CHECK;
		return;
	}
	if (logtap_symbol_of_libc("pthread_mutex_lock", &symbol))
		lock = (int (*)(pthread_mutex_t *))symbol.address;
	logtap_state.identity.coverage[LOGTAP_MECHANISM_DEATH] =
		lock ? LOGTAP_COVERAGE_INSTALLED : LOGTAP_COVERAGE_NO_SYMBOL;
}

bool logtap_death_take(struct logtap_slot *slot, uint32_t *tid)
{
	unsigned char *mutex = slot->death;
	int kind = KIND_ROBUST_SHARED;

	*tid = 0;
	__builtin_memset(mutex, 0, sizeof slot->death);
	if (!lock)
		return false;
	__builtin_memcpy(mutex + KIND_OFFSET, &kind, sizeof kind);
	if (lock((pthread_mutex_t *)(void *)mutex) != 0)
		return false;
	uint32_t word = atomic_load((_Atomic uint32_t *)(void *)mutex);
	*tid = word & LOGTAP_DEATH_TID_MASK;
	return *tid != 0;
}

bool logtap_death_marked(const struct logtap_slot *slot)
{
	return atomic_load(
		       (const _Atomic uint32_t *)(const void *)slot->death) &
	       LOGTAP_DEATH_OWNER_DIED;
}
