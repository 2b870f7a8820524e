/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* libc's own functions: see the header.  A stub resolves itself, in whatever
 * thread comes first, before the constructor and where that left it to it. */
#include "real.h"

#include "arch/syscall.h"
#include "bytes.h"
#include "libc/libc.h"
#include "symbols.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

/* What a missing function does: returns of type void are a case of their own. */
static long missing(void)
{
	errno = ENOSYS;
	return -1;
}

/* A program may look for these at run time, and finds ours where libc (before
 * 2.34) has none: then they must work. */
static int missing_close_range(unsigned first, unsigned last, int flags)
{
	long result = logtap_sys3(436, first, last, flags);

	if (result >= 0)
		return 0;
	errno = (int)-result;
	return -1;
}

static void missing_closefrom(int first)
{
	unsigned from = first < 0 ? 0 : (unsigned)first;
	struct rlimit limit = {65536, 65536};

	if (logtap_sys3(436, from, ~0u, 0) == 0)
		return;
	logtap_sys4(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)&limit);
	for (; from < limit.rlim_cur; from++)
		logtap_sys1(SYS_close, from);
}

static int missing_execveat(int directory, const char *path, char *const argv[],
			    char *const envp[], int flags)
{
	errno = (int)-logtap_sys6(SYS_execveat, directory, (long)path,
				  (long)argv, (long)envp, flags, 0);
	return -1;
}

static void *substitute(const char *name)
{
	const char *alias = logtap_libc_alias(name);
	struct logtap_symbol symbol;

	if (alias && logtap_symbol_next(alias, &symbol))
		return symbol.address;
	if (logtap_bytes_same(name, "close_range"))
		return (void *)missing_close_range;
	if (logtap_bytes_same(name, "closefrom"))
		return (void *)missing_closefrom;
	if (logtap_bytes_same(name, "execveat"))
		return (void *)missing_execveat;
	return (void *)missing;
}

static void *resolve(const char *name)
{
	struct logtap_symbol symbol;

	return logtap_symbol_next(name, &symbol) ? symbol.address
						 : substitute(name);
}

#define HOOK(ret, name, body, params, args, interest)             \
	static ret stub_##name params                             \
	{                                                         \
		logtap_real.name = (ret(*) params)resolve(#name); \
		return logtap_real.name args;                     \
	}
#define THUNK(name, active) void *logtap_next_##name;
#include "hooks.def"
#undef HOOK
#undef THUNK

struct logtap_real logtap_real = {
#define HOOK(ret, name, body, params, args, interest) .name = stub_##name,
#define THUNK(name, active)
#include "hooks.def"
#undef HOOK
#undef THUNK
};

static const char *const names[] = {
#define HOOK(ret, name, body, params, args, interest) #name,
#define THUNK(name, active) #name,
#include "hooks.def"
#undef HOOK
#undef THUNK
#define HELPER(ret, name, params) #name,
	LOGTAP_HELPERS
#undef HELPER
};

enum {
#define HOOK(ret, name, body, params, args, interest) INDEX_##name,
#define THUNK(name, active) INDEX_##name,
#include "hooks.def"
#undef HOOK
#undef THUNK
#define HELPER(ret, name, params) INDEX_##name,
	LOGTAP_HELPERS
#undef HELPER
		INDEXES
};

/* Thunks come here when they do not know their target yet. */
void *logtap_real_resolve_thunk(void **next, const char *name)
{
	int saved = errno;

	if (!*next)
		*next = resolve(name);
	errno = saved;
	return *next;
}

/* What another library defines need not write what libc's does. */
static bool writers_are_libc(const struct logtap_symbol *found)
{
	static const unsigned short writers[] = {
#define WRITER(name) INDEX_##name,
		LOGTAP_LIBC_WRITERS
#undef WRITER
	};

	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++)
		if (found[writers[i]].address && !found[writers[i]].in_libc)
			return false;
	return found[INDEX_vsnprintf].address != NULL;
}

/* What is not called through a stub. */
static void init_helpers(const struct logtap_symbol *found)
{
	struct logtap_symbol symbol;

#define HELPER(ret, name, params) \
	logtap_real.name = (ret(*) params)found[INDEX_##name].address;
	LOGTAP_HELPERS
#undef HELPER
	/* A sanitizer's would judge our memory by rules of its own. */
	if (logtap_symbol_of_libc("vsnprintf", &symbol))
		logtap_real.vsnprintf = (int (*)(char *, size_t, const char *,
						 va_list))symbol.address;
}

static void init_all(const struct logtap_symbol *found)
{
/* What is missing may come later with a library: its stub looks again. */
#define HOOK(ret, name, body, params, args, interest) \
	if (found[INDEX_##name].address)              \
		logtap_real.name = (ret(*) params)found[INDEX_##name].address;
#define THUNK(name, active)                                        \
	logtap_next_##name = found[INDEX_##name].address           \
				     ? found[INDEX_##name].address \
				     : substitute(#name);
#include "hooks.def"
#undef HOOK
#undef THUNK
}

/* Where libc is next, the stubs can do it, each at its first call, and a program
 * that calls few of the functions starts in less time. */
static void find_few(struct logtap_symbol *found)
{
	static const unsigned short few[] = {
		INDEX_write,   INDEX_syslog,	     INDEX_vsyslog,
		INDEX_openlog, INDEX_pthread_create,
#define HELPER(ret, name, params) INDEX_##name,
		LOGTAP_HELPERS
#undef HELPER
	};

	for (size_t i = 0; i < sizeof few / sizeof few[0]; i++)
		logtap_symbol_next(names[few[i]], &found[few[i]]);
}

void logtap_real_init(struct logtap_real_report *report)
{
	struct logtap_symbol found[INDEXES] = {0};

	if (logtap_symbol_libc_is_next()) {
		find_few(found);
	} else {
		logtap_symbol_next_many(names, INDEXES, found);
		init_all(found);
	}
	init_helpers(found);
	report->write_found = found[INDEX_write].address != NULL;
	report->syslog_found =
		found[INDEX_vsyslog].address && logtap_real.vsnprintf;
	report->syslog_is_libc = found[INDEX_syslog].in_libc &&
				 found[INDEX_vsyslog].in_libc &&
				 found[INDEX_openlog].in_libc;
	report->writers_are_libc = writers_are_libc(found);
	report->pthread_found = found[INDEX_pthread_create].address != NULL;
}
