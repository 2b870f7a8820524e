/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* musl: see ../libc.h. */
#include "../libc.h"

#include "../../arch/syscall.h"
#include "../../bytes.h"
#include "../../state.h"
#include "../../symbols.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>

/* glibc alone has it. */
extern const char *gnu_get_libc_version(void) __attribute__((weak));

extern char **__environ;

bool logtap_libc_is_ours(void)
{
	return gnu_get_libc_version == NULL;
}

/* The loader is libc; it has been called all of these. */
bool logtap_libc_is_at(const char *path)
{
	const char *base = logtap_bytes_base(path);

	return logtap_bytes_after(base, "ld-musl-") ||
	       logtap_bytes_after(base, "libc.musl-") ||
	       logtap_bytes_same(base, "libc.so");
}

int logtap_libc_objects(int (*visit)(struct dl_phdr_info *info, size_t size,
				     void *data),
			void *data)
{
	return dl_iterate_phdr(visit, data);
}

/* On the stack below the environment: the count, that many arguments, NULL. */
void logtap_libc_arguments(int *argc, char ***argv, char ***envp)
{
	char **end = __environ - 1;
	long count = 0;

	*envp = __environ;
	while ((long)(uintptr_t)end[-1 - count] != count)
		count++;
	*argc = (int)count;
	*argv = end - count;
}

void logtap_libc_init(void)
{
}

bool logtap_libc_may_count(void)
{
	int how = PR_TSC_ENABLE;

	return logtap_filtered() ||
	       logtap_sys2(SYS_prctl, PR_GET_TSC, (long)&how) != 0 ||
	       how == PR_TSC_ENABLE;
}

const char *logtap_libc_alias(const char *name)
{
	/* Names of old programs for what was never anything else; versions
	 * since 1.2.4 do not have them. */
	static const char *const plain[][2] = {
		{"pwrite64", "pwrite"},	     {"pwritev64", "pwritev"},
		{"pwritev64v2", "pwritev2"}, {"sendfile64", "sendfile"},
		{"open64", "open"},	     {"openat64", "openat"},
		{"creat64", "creat"},	     {"fopen64", "fopen"},
		{"freopen64", "freopen"},    {"_Fork", "fork"},
	};

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (logtap_bytes_same(name, plain[i][0]))
			return plain[i][1];
	return NULL;
}

int logtap_libc_atfork(void (*child)(void))
{
	int (*atfork)(void (*)(void), void (*)(void), void (*)(void));
	struct logtap_symbol symbol;

	if (!logtap_symbol_next("pthread_atfork", &symbol))
		return -ENOSYS;
	atfork = (int (*)(void (*)(void), void (*)(void),
			  void (*)(void)))symbol.address;
	return -atfork(NULL, NULL, child);
}
