/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Our own lookup, against the loader's. */
#include "../../../shim/loaded.h"
#include "../../../shim/symbols.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <sys/auxv.h>
#include <time.h>

static const char *const names[] = {
	"write",	  "__write",   "writev",
	"pwrite64",	  "pwritev2",  "send",
	"sendmmsg",	  "splice",    "close",
	"dup2",		  "syslog",    "__vsyslog_chk",
	"pthread_create", "fcntl64",   "_IO_file_jumps",
	"stderr",	  "vsnprintf", "__register_atfork",
	"environ",	  "syscall",   "getauxval",
};
enum { COUNT = sizeof names / sizeof names[0] };

Test(symbols, it_finds_what_the_loader_finds)
{
	struct logtap_symbol found[COUNT];

	logtap_symbol_next_many(names, COUNT, found);
	for (size_t i = 0; i < COUNT; i++)
		cr_assert_eq(found[i].address, dlsym(RTLD_NEXT, names[i]), "%s",
			     names[i]);
}

/* As libc is looked at first where nothing comes before it. */
Test(symbols, it_finds_the_same_once_it_knows_libc)
{
	struct logtap_symbol symbol;

	cr_assert_eq(logtap_symbol_libc_is_next(),
		     logtap_symbol_libc_is_next());
	for (size_t i = 0; i < COUNT; i++) {
		cr_assert(logtap_symbol_next(names[i], &symbol), "%s",
			  names[i]);
		cr_assert_eq(symbol.address, dlsym(RTLD_NEXT, names[i]), "%s",
			     names[i]);
	}
	cr_assert_not(logtap_symbol_next("logtap_no_such_symbol", &symbol));
	cr_assert_null(symbol.address);
}

Test(symbols, it_knows_libc_s_own)
{
	struct logtap_symbol symbol;

	cr_assert(logtap_symbol_next("gnu_get_libc_version", &symbol));
	cr_assert(symbol.in_libc);
	cr_assert(logtap_symbol_next("cr_log", &symbol) == false ||
		  !symbol.in_libc);
}

Test(symbols, what_nobody_defines_is_not_found)
{
	struct logtap_symbol symbol;
	const char *const some[] = {"write", "logtap_no_such_symbol", "close"};
	struct logtap_symbol found[3];

	cr_assert_not(logtap_symbol_next("logtap_no_such_symbol", &symbol));
	cr_assert_null(symbol.address);
	cr_assert_not(logtap_symbol_next("", &symbol));
	logtap_symbol_next_many(some, 3, found);
	cr_assert_not_null(found[0].address);
	cr_assert_null(found[1].address);
	cr_assert_not_null(found[2].address);
}

Test(symbols, the_default_version_is_chosen)
{
	struct logtap_symbol symbol;

	/* libc has two of them */
	cr_assert(logtap_symbol_next("pthread_cond_wait", &symbol));
	cr_assert_eq(symbol.address, dlsym(RTLD_NEXT, "pthread_cond_wait"));
	cr_assert(logtap_symbol_next("nftw", &symbol));
	cr_assert_eq(symbol.address, dlsym(RTLD_NEXT, "nftw"));
}

Test(symbols, libc_s_own_is_found_past_whoever_replaced_it)
{
	struct logtap_symbol symbol;
	void *libc = dlopen("libc.so.6", RTLD_NOLOAD | RTLD_NOW);

	cr_assert(logtap_symbol_of_libc("vsnprintf", &symbol));
	cr_assert(symbol.in_libc);
	cr_assert_eq(symbol.address, dlsym(libc, "vsnprintf"));
	cr_assert_not(logtap_symbol_of_libc("logtap_no_such_symbol", &symbol));
	dlclose(libc);
}

Test(symbols, what_the_loader_made_read_only_is_known)
{
	static int writable;
	struct logtap_symbol symbol;

	cr_assert(logtap_symbol_of_libc("_IO_file_jumps", &symbol));
	struct logtap_object_span pages = logtap_loaded_relro(symbol.address);
	cr_assert_geq((uintptr_t)symbol.address, pages.start);
	cr_assert_lt((uintptr_t)symbol.address, pages.end);
	cr_assert_eq((pages.start | pages.end) % 4096, 0);
	cr_assert_eq(logtap_loaded_relro(&writable).end, 0);
}

Test(symbols, the_kernel_s_own_clock_tells_the_time)
{
	const void *image = (const void *)getauxval(AT_SYSINFO_EHDR);
	int (*clock)(clockid_t, struct timespec *);
	struct timespec before, now, after;

	if (!image) /* valgrind, gVisor */
		cr_skip_test("no vDSO");
#if defined(__x86_64__)
	clock = (int (*)(clockid_t, struct timespec *))logtap_symbol_in_image(
		image, "__vdso_clock_gettime");
#else
	clock = (int (*)(clockid_t, struct timespec *))logtap_symbol_in_image(
		image, "__kernel_clock_gettime");
#endif
	cr_assert_not_null((void *)clock);
	clock_gettime(CLOCK_MONOTONIC, &before);
	cr_assert_eq(clock(CLOCK_MONOTONIC, &now), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	cr_assert_geq(now.tv_sec * 1000000000 + now.tv_nsec,
		      before.tv_sec * 1000000000 + before.tv_nsec);
	cr_assert_leq(now.tv_sec * 1000000000 + now.tv_nsec,
		      after.tv_sec * 1000000000 + after.tv_nsec);
	cr_assert_null(logtap_symbol_in_image(image, "no_such_symbol"));
}
