/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* libc's own functions: see the header.  Filled in the constructor; before it
 * each stub resolves itself, in whatever thread comes first. */
#include "real.h"

#include "symbols.h"

#include <errno.h>
#include <stddef.h>

/* What a missing function does: returns of type void are a case of their own. */
static long missing(void)
{
	errno = ENOSYS;
	return -1;
}

static void *resolve(const char *name)
{
	struct logtap_symbol symbol;

	return logtap_symbol_next(name, &symbol) ? symbol.address
						 : (void *)missing;
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
	"vsnprintf",
	"gnu_get_libc_version",
};

enum {
#define HOOK(ret, name, body, params, args, interest) INDEX_##name,
#define THUNK(name, active) INDEX_##name,
#include "hooks.def"
#undef HOOK
#undef THUNK
	INDEX_vsnprintf,
	INDEX_gnu_get_libc_version,
	INDEXES
};

/* Thunks come here when they do not know their target yet. */
void *logtap_real_resolve_thunk(void **next, const char *name);
void *logtap_real_resolve_thunk(void **next, const char *name)
{
	int saved = errno;

	if (!*next)
		*next = resolve(name);
	errno = saved;
	return *next;
}

void logtap_real_init(struct logtap_real_report *report)
{
	struct logtap_symbol found[INDEXES];
	const char *(*version)(void);

	logtap_symbol_next_many(names, INDEXES, found);
#define HOOK(ret, name, body, params, args, interest)                     \
	logtap_real.name = (ret(*) params)(                               \
		found[INDEX_##name].address ? found[INDEX_##name].address \
					    : (void *)missing);
#define THUNK(name, active)                                        \
	logtap_next_##name = found[INDEX_##name].address           \
				     ? found[INDEX_##name].address \
				     : (void *)missing;
#include "hooks.def"
#undef HOOK
#undef THUNK
	/* Threads may come later with a library (before glibc 2.34). */
	if (!found[INDEX_pthread_create].address)
		logtap_real.pthread_create = stub_pthread_create;
	logtap_real.vsnprintf = (int (*)(char *, size_t, const char *,
					 va_list))found[INDEX_vsnprintf]
					.address;
	report->write_found = found[INDEX_write].address != NULL;
	report->syslog_found =
		found[INDEX_vsyslog].address && found[INDEX_vsnprintf].address;
	report->syslog_is_libc = found[INDEX_syslog].in_libc &&
				 found[INDEX_vsyslog].in_libc &&
				 found[INDEX_openlog].in_libc;
	report->pthread_found = found[INDEX_pthread_create].address != NULL;
	version = (const char *(*)(void))found[INDEX_gnu_get_libc_version]
			  .address;
	report->libc_version = version ? version() : NULL;
}
