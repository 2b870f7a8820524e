/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* glibc: see ../libc.h. */
#include "../libc.h"

#include "../../bytes.h"
#include "../../symbols.h"
#include "backtrace.h"

#include <errno.h>
#include <stddef.h>

/* No other libc has it. */
extern const char *gnu_get_libc_version(void) __attribute__((weak));

/* By which libc knows whose handlers of forks these are. */
static const char our_handle;

bool logtap_libc_is_ours(void)
{
	return gnu_get_libc_version != NULL;
}

bool logtap_libc_is_at(const char *path)
{
	const char *base = logtap_bytes_base(path);

	return logtap_bytes_same(base, "libc.so.6") ||
	       logtap_bytes_same(base, "libpthread.so.0");
}

void logtap_libc_arguments(int *argc, char ***argv, char ***envp)
{
	(void)argc; /* constructors are given them */
	(void)argv;
	(void)envp;
}

void logtap_libc_init(void)
{
	logtap_backtrace_init(gnu_get_libc_version());
}

bool logtap_libc_may_count(void)
{
	return true; /* the loader has read it already */
}

const char *logtap_libc_alias(const char *name)
{
	return logtap_bytes_same(name, "_Fork") ? "fork" : NULL;
}

int logtap_libc_atfork(void (*child)(void))
{
	int (*atfork)(void (*)(void), void (*)(void), void (*)(void), void *);
	struct logtap_symbol symbol;

	if (!logtap_symbol_next("__register_atfork", &symbol))
		return -ENOSYS;
	atfork = (int (*)(void (*)(void), void (*)(void), void (*)(void),
			  void *))symbol.address;
	return -atfork(NULL, NULL, child, (void *)(uintptr_t)&our_handle);
}

/* PTHREAD_MUTEX_ROBUST_NORMAL_NP, shared; on 64-bit targets. */
const struct logtap_libc_robust logtap_libc_robust = {
	.word_offset = 0,
	.kind_offset = 16,
	.kind = 16 | 128,
};

bool logtap_libc_robust_holds(const unsigned char *mutex)
{
	(void)mutex;
	return true;
}

void logtap_libc_robust_forked(void)
{
	/* libc empties the list of a child */
}
