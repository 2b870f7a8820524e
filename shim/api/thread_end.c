/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a thread that uses the API: a key of libc's with a destructor,
 * made when it is first needed, so that programs without the API have none. */
#include "thread_end.h"

#include "../real.h"

#define NO_KEY UINT32_MAX

static _Atomic uint32_t key = NO_KEY;
static _Atomic uint32_t making;

static void on_end(void *tls_)
{
	struct logtap_tls *tls = tls_;

	tls->awaits_end = false;
	logtap_sink_pop_all(tls);
	logtap_span_exit_all(tls);
}

/* Return: false while another thread makes it, or without one. */
static bool make_key(void)
{
	pthread_key_t made;

	if (atomic_load(&key) != NO_KEY)
		return true;
	if (!logtap_real.pthread_key_create || atomic_exchange(&making, 1))
		return false;
	if (logtap_real.pthread_key_create(&made, on_end) == 0)
		atomic_store(&key, made);
	atomic_store(&making, 0);
	return atomic_load(&key) != NO_KEY;
}

void logtap_thread_end_await(struct logtap_tls *tls)
{
	if (tls->awaits_end || !logtap_real.pthread_setspecific || !make_key())
		return;
	tls->awaits_end =
		logtap_real.pthread_setspecific(atomic_load(&key), tls) == 0;
}
