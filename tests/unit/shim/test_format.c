/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Our printf against libc's: the same to the byte in every locale, whether libc
 * did a part of it or not; and for what programs write libc is not asked. */
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
#include <wchar.h>

#define FLAGS "-0+ #'I"

#ifdef __SANITIZE_ADDRESS__ /* what we try on purpose it would complain of */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "check_printf=0";
}
#endif

enum { ROOM = 4096 };

/* What libc was asked for in the last call. */
static unsigned asked;
static const char *asked_for;
static bool answers;

static int libc(char *to, size_t room, const char *format, va_list arguments)
{
	asked++;
	asked_for = format;
	return answers ? vsnprintf(to, room, format, arguments) : -1;
}

static int ours(char *to, size_t room, const char *format, ...)
{
	va_list arguments;
	int size;

	asked = 0;
	va_start(arguments, format);
	size = logtap_format(to, room, ENOENT, format, arguments);
	va_end(arguments);
	return size;
}

static void use_libc(void)
{
	logtap_real.vsnprintf = libc;
	answers = true;
}

TestSuite(format, .init = use_libc);

/* A literal format would be checked; these are compared. */
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"

static const double reals[4] = {-1234567.891, 0.5, 1e300, 42};

/* Arguments are taken as 64-bit words, as both ABIs pass whatever is no float;
 * floats go another way.  @must: libc may not be asked.  Return: was it? */
static bool compare_in(size_t room, bool must, const char *format,
		       const uint64_t v[6])
{
	char text[ROOM], wanted[ROOM];
	int size, right;

	errno = ENOENT;
	right = snprintf(wanted, room, format, v[0], v[1], v[2], v[3], v[4],
			 v[5], reals[0], reals[1], reals[2], reals[3]);
	size = ours(text, room, format, v[0], v[1], v[2], v[3], v[4], v[5],
		    reals[0], reals[1], reals[2], reals[3]);
	cr_assert(!must || !asked, "libc was asked for \"%s\"", format);
	cr_assert_leq(asked, 1, "%u times for \"%s\"", asked, format);
	if (right < 0) { /* libc cannot do it */
		cr_assert_lt(size, 0, "\"%s\"", format);
		return true;
	}
	cr_assert_eq(size, right, "\"%s\": %d bytes, libc has %d: \"%s\"",
		     format, size, right, wanted);
	cr_assert((size_t)size >= room || !memcmp(text, wanted, (size_t)size),
		  "\"%s\": libc has \"%s\"", format, wanted);
	return asked;
}

static void compare(bool must, const char *format, uint64_t a, uint64_t b,
		    uint64_t c, uint64_t d)
{
	const uint64_t list[6] = {a, b, c, d};

	compare_in(ROOM, must, format, list);
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
	compare(true, "100%% of %s", (uintptr_t) "it", 0, 0, 0);
}

Test(format, what_depends_on_the_locale_or_is_rare_is_libcs)
{
	static const char *const formats[] = {
		"%f",	"%g",	"%a",	 "%Lf",	   "%n",  "%'d", "%Id",
		"%1$d", "%ls",	"%lc",	 "%S",	   "%C",  "%hs", "%y",
		"%",	"%5",	"%05s",	 "%+s",	   "%#d", "%+u", "% x",
		"%.3c", "%05p", "%999d", "%.999d", "%o",  "%ll", "%5%",
	};
	char text[64];

	answers = false;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		ours(text, sizeof text, formats[i], (uintptr_t) "x",
		     UINT64_C(0));
		cr_assert_eq(asked, 1, "\"%s\"", formats[i]);
		cr_assert_eq(asked_for, formats[i]);
	}
}

Test(format, libc_goes_on_where_the_plain_part_ends)
{
	static const char split[] = "%d %s %5u: %.2f, %s";
	static const char error[] = "%d %s: %m";
	static const char *const whole[] = {
		"%d %d %1$d",
		"%d %s %u %n",
		"%d %s %y",
		"%d %s %",
	};
	const uint64_t v[6] = {1, (uintptr_t) "two", 3, (uintptr_t) "four"};
	char text[64];

	cr_assert(compare_in(ROOM, false, split, v));
	cr_assert_str_eq(asked_for, "%.2f, %s");
	cr_assert(compare_in(ROOM, false, error, v));
	cr_assert_str_eq(asked_for, "%m");
	answers = false;
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
		ours(text, sizeof text, whole[i], v[0], v[1], v[2], v[3]);
		cr_assert_eq(asked, 1, "\"%s\"", whole[i]);
		cr_assert_eq(asked_for, whole[i]);
	}
}

Test(format, what_does_not_fit_has_its_size_and_nothing_is_written_behind)
{
	char text[64];

	for (size_t room = 1; room < 50; room++) {
		memset(text, '#', sizeof text);
		int size = ours(text, room, "%s, %s %05d %d %c", "abcdef",
				"a text of some length", 42, -1, 'x');
		cr_assert_eq(size, 40, "room %zu", room);
		cr_assert(room <= 40 ||
			  !memcmp(text,
				  "abcdef, a text of some length 00042 -1 x",
				  39));
		for (size_t i = room; i < sizeof text; i++)
			cr_assert_eq(text[i], '#', "byte %zu", i);
	}
}

/* Texts are looked at beyond their ends, but not beyond their pages. */
Test(format, strings_and_formats_may_end_at_the_end_of_a_page)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	     text[128];

	cr_assert_neq(pages, MAP_FAILED);
	memset(pages, 'x', 4095);
	cr_assert_eq(mprotect(pages + 4096, 4096, PROT_NONE), 0);
	for (int bytes = 0; bytes < 120; bytes++) {
		const char *last = pages + 4095 - bytes;
		cr_assert_eq(ours(text, sizeof text, "%s", last), bytes);
		cr_assert_eq(memcmp(text, last, (size_t)bytes), 0);
		cr_assert_eq(ours(text, sizeof text, last), bytes);
		cr_assert_eq(memcmp(text, last, (size_t)bytes), 0);
		cr_assert_eq(asked, 0);
	}
	munmap(pages, 8192);
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
		cr_assert_eq(ours(text, sizeof text, "%.*s", bytes,
				  pages + 4096 - bytes),
			     bytes);
		cr_assert_eq(text[bytes - 1], 'x');
	}
	munmap(pages, 8192);
}

/* Wherever the pieces end in which a format is looked at. */
Test(format, a_percent_may_be_anywhere)
{
	char format[256], text[256];

	for (size_t first = 0; first < 100; first++)
		for (size_t second = 0; second < 100; second += 3) {
			memset(format, '-', sizeof format);
			memcpy(format + first, "%d%s", 4);
			memcpy(format + first + 4 + second, "%5lu", 5);
			cr_assert_eq(ours(text, sizeof text, format, -42, "ab",
					  7ul),
				     (int)(first + 5 + second + 5));
			cr_assert_eq(memcmp(text + first, "-42ab", 5), 0);
			cr_assert_eq(memcmp(text + first + 5 + second, "    7",
					    5),
				     0);
			cr_assert_eq(asked, 0);
		}
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

/* A format of up to three conversions, each as odd as the syntax allows, and of
 * up to three arguments;
 * @takes: what each of six arguments must be. */
static void make_format(uint64_t *state, char *to, char *takes)
{
	/* libc takes no argument for what it cannot make sense of */
	static const char *const lengths[] = {"",   "",	 "h", "hh", "l",
					      "ll", "z", "j", "t"};
	unsigned count = 0;

	for (unsigned n = 1 + next(state) % 3; n && count <= 3; n--) {
		for (unsigned i = next(state) % 4; i; i--)
			*to++ = any(state, "ab :,.\xc3\xa4");
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
		switch (next(state) % 12) {
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
		case 9:
			*to++ = any(state, "feg");
			break;
		case 10:
			*to++ = 'l';
			*to = any(state, "sc");
			takes[count++] = *to++ == 's' ? 'w' : 'c';
			break;
		default:
			*to = any(state, "m%o");
			if (*to++ == 'o')
				takes[count++] = 'd';
		}
	}
	*to = '\0';
}

static uint64_t make_argument(uint64_t *state, char kind)
{
	static const char *const strings[] = {
		"", "x", "some words, more than sixteen bytes",
		"\xc3\xa4\xe2\x82\xac \xff", NULL};
	static const wchar_t *const wide[] = {L"", L"wide", L"\xe4\x20ac",
					      NULL};

	switch (kind) {
	case 's':
		return (uintptr_t)strings[next(state) % 5];
	case 'w':
		return (uintptr_t)wide[next(state) % 4];
	case 'c':
		return next(state) % 2 ? 'w' : 0x20ac;
	case 'i':
		return next(state) % 60 - 20;
	default:
		return numbers[next(state) %
			       (sizeof numbers / sizeof numbers[0])];
	}
}

static void fuzz(const char *locale, uint64_t seed)
{
	char format[256];
	unsigned plain = 0;

	for (int i = 0; i < 12000; i++) {
		char takes[6] = {'d', 'd', 'd', 'd', 'd', 'd'};
		uint64_t values[6];
		size_t room = next(&seed) % 8 ? ROOM : 1 + next(&seed) % 80;

		make_format(&seed, format, takes);
		for (unsigned n = 0; n < 6; n++)
			values[n] = make_argument(&seed, takes[n]);
		plain += !compare_in(room, false, format, values);
	}
	cr_assert_gt(plain, 2000, "in %s only %u were plain", locale, plain);
	cr_assert_lt(plain, 10000, "in %s %u were plain", locale, plain);
}

/* Locales that are made here: one whose numbers have separators, one that is
 * multibyte and not UTF-8. */
static bool make_locale(const char *folder, const char *language,
			const char *charset)
{
	char command[256];

	snprintf(command, sizeof command,
		 "localedef -i %s -f %s %s/%s.%s >/dev/null 2>&1", language,
		 charset, folder, language, charset);
	return system(command) == 0;
}

Test(format, random_formats_are_as_libc_has_them_in_every_locale)
{
	static const char *const made[][2] = {{"de_DE", "ISO-8859-1"},
					      {"ja_JP", "EUC-JP"}};
	char folder[] = "/tmp/logtap-locales-XXXXXX", name[64];

	cr_assert_not_null(mkdtemp(folder));
	setenv("LOCPATH", folder, 1);
	for (size_t i = 0; i < 2; i++) {
		snprintf(name, sizeof name, "%s.%s", made[i][0], made[i][1]);
		cr_assert(make_locale(folder, made[i][0], made[i][1]),
			  "localedef cannot make %s", name);
		cr_assert_not_null(setlocale(LC_ALL, name));
		fuzz(name, 0x9e3779b97f4a7c15u + i);
	}
	unsetenv("LOCPATH");
	for (size_t i = 0; i < 2; i++)
		if (setlocale(LC_ALL, i ? "C.UTF-8" : "C"))
			fuzz(i ? "C.UTF-8" : "C", 4711 + i);
	snprintf(name, sizeof name, "rm -r %s", folder);
	cr_assert_eq(system(name), 0);
}
