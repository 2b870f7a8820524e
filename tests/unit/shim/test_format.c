/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Our printf against libc's: whatever is not refused is the same, to the byte,
 * in each locale that is there; and what programs write is not refused. */
#include "../../../shim/real.h"
#include "../../../shim/sink/format.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FLAGS "-0+ #'I"

#ifdef __SANITIZE_ADDRESS__ /* what we try on purpose it would complain of */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "check_printf=0";
}
#endif

enum { ROOM = 4096 };

static int plain(char *to, size_t room, const char *format, ...)
{
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = logtap_format_plain(to, room, ENOENT, format, arguments);
	va_end(arguments);
	if (size >= 0)
		to[size] = '\0';
	return size;
}

static unsigned long plain_formats;

static void use_libc(void)
{
	logtap_real.vsnprintf = vsnprintf;
}

TestSuite(format, .init = use_libc);

/* A literal format would be checked; these are compared. */
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"

/* Arguments are taken as 64-bit words, as both ABIs pass whatever is no float.
 * @must: it may not be refused. */
static void compare_list(bool must, const char *format, const uint64_t v[6])
{
	char ours[ROOM], libcs[ROOM];
	int size, wanted;

	errno = ENOENT;
	wanted = snprintf(libcs, sizeof libcs, format, v[0], v[1], v[2], v[3],
			  v[4], v[5]);
	size = plain(ours, sizeof ours, format, v[0], v[1], v[2], v[3], v[4],
		     v[5]);
	if (size < 0) {
		cr_assert(!must, "refused: \"%s\"", format);
		return;
	}
	plain_formats++;
	cr_assert_eq(size, wanted, "\"%s\": %d bytes, libc has %d: \"%s\"",
		     format, size, wanted, ours);
	cr_assert_eq(memcmp(ours, libcs, (size_t)size), 0,
		     "\"%s\": \"%s\", libc has \"%s\"", format, ours, libcs);
}

static void compare(bool must, const char *format, uint64_t a, uint64_t b,
		    uint64_t c, uint64_t d)
{
	const uint64_t list[6] = {a, b, c, d};

	compare_list(must, format, list);
}

static const uint64_t numbers[] = {
	0,
	1,
	9,
	10,
	99,
	100,
	12345,
	INT_MAX,
	(uint64_t)INT_MIN,
	UINT_MAX,
	(uint64_t)-1,
	(uint64_t)-42,
	INT64_MAX,
	(uint64_t)INT64_MIN,
	0x80,
	0xff7f,
	UINT64_C(0x123456789abcdef0),
};

Test(format, what_programs_write_is_plain)
{
	static const char *const formats[] = {
		"%d",	  "%i",	   "%u",   "%x",     "%X",   "%ld",  "%lu",
		"%lx",	  "%lld",  "%llu", "%zu",    "%zd",  "%zx",  "%jd",
		"%ju",	  "%td",   "%hd",  "%hu",    "%hhd", "%hhu", "%hhx",
		"%5d",	  "%-5d",  "%05d", "%+d",    "% d",  "%.3d", "%8.3d",
		"%-8.3d", "%08x",  "%#x",  "%#010x", "%.0d", "%.0x", "%p",
		"%20p",	  "%-20p", "%c",   "%5c",    "%-5c",
	};

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
			compare(true, formats[i], numbers[n], 0, 0, 0);
}

Test(format, strings_with_width_and_precision_are_plain)
{
	static const char *const formats[] = {
		"%s",	  "[%s]",    "%10s", "%-10s",  "%.3s",
		"%10.3s", "%-10.3s", "%.0s", "%.100s",
	};
	static const char *const strings[] = {
		"",
		"a",
		"abc",
		"hello, world",
		"\xc3\xa4\xc3\xb6",
		"\xff\xfe%d",
		"a string that is longer than sixteen bytes",
		NULL,
	};

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		for (size_t n = 0; n < sizeof strings / sizeof strings[0]; n++)
			compare(true, formats[i], (uintptr_t)strings[n], 0, 0,
				0);
	compare(true, "%*s|%-*s|", 7, (uintptr_t) "ab", 7, (uintptr_t) "cd");
	compare(true, "%*s|%.*s|", (uint64_t)-7, (uintptr_t) "ab", 1,
		(uintptr_t) "cd");
	compare(true, "%.*s|%.*d|", (uint64_t)-1, (uintptr_t) "ab", 4, 7);
	compare(true, "100%% of %s: %m", (uintptr_t) "it", 0, 0, 0);
}

Test(format, what_depends_on_the_locale_or_is_rare_is_refused)
{
	static const char *const formats[] = {
		"%f",	"%g",	"%a",	 "%Lf",	   "%n",  "%'d", "%Id",
		"%1$d", "%ls",	"%lc",	 "%S",	   "%C",  "%hs", "%y",
		"%",	"%5",	"%05s",	 "%+s",	   "%#d", "%+u", "% x",
		"%.3c", "%05p", "%999d", "%.999d", "%o",  "%ll", "%5%",
	};
	char text[64];

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		cr_assert_eq(plain(text, sizeof text, formats[i],
				   (uintptr_t) "x", UINT64_C(0)),
			     LOGTAP_FORMAT_REFUSED, "\"%s\" is not refused",
			     formats[i]);
}

Test(format, what_does_not_fit_is_refused_and_nothing_is_written_behind)
{
	char text[32];

	for (size_t room = 1; room < 20; room++) {
		memset(text, '#', sizeof text);
		int size = plain(text, room, "%s %05d %c", "abcdef", 42, 'x');
		cr_assert_eq(size, room > 14 ? 14 : LOGTAP_FORMAT_REFUSED,
			     "room %zu", room);
		for (size_t i = room + (size >= 0); i < sizeof text; i++)
			cr_assert_eq(text[i], '#', "byte %zu", i);
	}
}

/* A string with a precision need not end. */
Test(format, a_precision_ends_a_string_at_the_end_of_a_page)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	     text[128];

	cr_assert_neq(pages, MAP_FAILED);
	memset(pages, 'x', 4096);
	cr_assert_eq(mprotect(pages + 4096, 4096, PROT_NONE), 0);
	for (int bytes = 1; bytes < 70; bytes++) {
		cr_assert_eq(plain(text, sizeof text, "%.*s", bytes,
				   pages + 4096 - bytes),
			     bytes);
		cr_assert_eq(text[bytes - 1], 'x');
	}
	munmap(pages, 8192);
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static char any(uint64_t *state, const char *of)
{
	return of[next(state) % strlen(of)];
}

/* A format of up to two conversions, each as odd as the syntax allows; @takes:
 * what each argument must be. */
static void make_format(uint64_t *state, char *to, char *takes)
{
	/* libc takes no argument for what it cannot make sense of */
	static const char *const lengths[] = {"",   "",	 "h", "hh", "l",
					      "ll", "z", "j", "t"};
	unsigned count = 0;

	for (unsigned n = 1 + next(state) % 2; n; n--) {
		for (unsigned i = next(state) % 4; i; i--)
			*to++ = any(state, "ab %:,.\xc3\xa4") == '%'
					? '_'
					: any(state, "ab :,.");
		*to++ = '%';
		for (unsigned i = next(state) % 3; i; i--)
			*to++ = any(state, FLAGS);
		if (next(state) % 3 == 0)
			to += sprintf(to, "%u", (unsigned)next(state) % 40);
		else if (next(state) % 8 == 0)
			*to++ = '*', takes[count++] = 'i';
		if (next(state) % 3 == 0) {
			*to++ = '.';
			if (next(state) % 4 == 0)
				*to++ = '*', takes[count++] = 'i';
			else if (next(state) % 4)
				to += sprintf(to, "%u",
					      (unsigned)next(state) % 20);
		}
		switch (next(state) % 10) {
		case 0 ... 5:
			to += sprintf(to, "%s%c", lengths[next(state) % 9],
				      any(state, "diuxX"));
			takes[count++] = 'd';
			break;
		case 6:
		case 7:
			*to++ = 's';
			takes[count++] = 's';
			break;
		case 8:
			*to++ = any(state, "cp");
			takes[count++] = 'd';
			break;
		default:
			*to = any(state, "m%o");
			if (*to++ == 'o')
				takes[count++] = 'd';
		}
	}
	*to = '\0';
}

static void fuzz(const char *locale, uint64_t seed)
{
	static const char *const strings[] = {
		"", "x", "some words", "\xc3\xa4\xe2\x82\xac \xff", NULL};
	char format[256];

	plain_formats = 0;
	for (int i = 0; i < 60000; i++) {
		char takes[6] = {'d', 'd', 'd', 'd', 'd', 'd'};
		uint64_t values[6];

		make_format(&seed, format, takes);
		for (unsigned n = 0; n < 6; n++) {
			uint64_t number =
				numbers[next(&seed) %
					(sizeof numbers / sizeof numbers[0])];
			if (takes[n] == 's')
				number = (uintptr_t)strings[next(&seed) % 5];
			else if (takes[n] == 'i')
				number = next(&seed) % 60 - 20;
			values[n] = number;
		}
		compare_list(false, format, values);
	}
	cr_assert_gt(plain_formats, 15000, "in %s only %lu were compared",
		     locale, plain_formats);
}

Test(format, random_formats_are_as_libc_has_them_in_every_locale)
{
	static const char *const locales[] = {"C", "C.UTF-8", "en_US.UTF-8",
					      "de_DE.UTF-8", "ja_JP.EUC-JP"};

	for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++)
		if (setlocale(LC_ALL, locales[i]))
			fuzz(locales[i], 0x9e3779b97f4a7c15u + i);
}
