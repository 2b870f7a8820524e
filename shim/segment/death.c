/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The death notice.  libc owns the thread's robust list, so its own mutex is
 * used: the kernel sets FUTEX_OWNER_DIED in its futex word however the thread
 * ends.  The mutex is never unlocked and its memory never unmapped or reused
 * by the living owner, because it stays linked in the owner's list. */
#include "death.h"

#include "../arch/syscall.h"
#include "../libc/libc.h"
#include "../state.h"
#include "../symbols.h"

#include <pthread.h>

static_assert(sizeof(pthread_mutex_t) <= sizeof((struct logtap_slot *)0)->death,
	      "the mutex fits its cache line");

/* How libc lays it out is checked by logtap_death_take(): a libc that is built
 * otherwise does not leave its tid in the word. */
static int (*lock)(pthread_mutex_t *);

/* The list must be known to whoever marks it.  Emulators have no such call, and
 * the lock alone would not tell.  Not asked for once a filter is there: it may
 * kill for it. */
static bool kernel_walks_the_list(void)
{
	bool is_lazy = logtap_libc_robust.is_lazy;
	void *head = NULL;
	size_t bytes = 0;

	if (logtap_filtered())
		return !is_lazy;
	return logtap_sys3(SYS_get_robust_list, 0, (long)&head, (long)&bytes) ==
		       0 &&
	       (head || is_lazy);
}

static _Atomic uint32_t *word_of(unsigned char *mutex)
{
	return (_Atomic uint32_t *)(void *)(mutex +
					    logtap_libc_robust.word_offset);
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

	*tid = 0;
	__builtin_memset(mutex, 0, sizeof slot->death);
	if (!lock || (logtap_libc_robust.is_lazy && logtap_filtered()))
		return false;
	__builtin_memcpy(mutex + logtap_libc_robust.kind_offset,
			 &logtap_libc_robust.kind,
			 sizeof logtap_libc_robust.kind);
	if (lock((pthread_mutex_t *)(void *)mutex) != 0)
		return false;
	*tid = atomic_load(word_of(mutex)) & LOGTAP_DEATH_TID_MASK;
	return *tid && logtap_libc_robust_holds(mutex);
}

bool logtap_death_marked(const struct logtap_slot *slot)
{
	unsigned char *mutex = (unsigned char *)(uintptr_t)slot->death;

	return atomic_load(word_of(mutex)) & LOGTAP_DEATH_OWNER_DIED;
}
