/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* printf into memory: see the header.  Runs in the host's threads, under the
 * guard, and writes right into the ring. */
#include "format.h"

#include "../real.h"
#include "format_conversion.h"
#include "scan.h"

#include <errno.h>
#include <limits.h>

#define INLINE static inline __attribute__((always_inline))

enum taken {
	TAKEN,	    /* it is in the text */
	NOT_SIMPLE, /* nothing has happened */
	NO_ROOM,    /* for a string */
};

INLINE void put_decimal(struct logtap_out *out, uint64_t value, bool negative)
{
	*out->at = '-';
	out->at = logtap_out_decimal(out->at + negative, value);
}

INLINE void put_signed(struct logtap_out *out, int64_t value)
{
	put_decimal(out, value < 0 ? -(uint64_t)value : (uint64_t)value,
		    value < 0);
}

/* %ld %lu %lld %llu %zd %zu */
INLINE enum taken take_long(struct logtap_out *out, const char **format,
			    va_list *arguments)
{
	const char *at = *format + 2;

	if (at[-1] == 'l' && *at == 'l')
		at++;
	if (!logtap_out_fits(out, LOGTAP_OUT_DECIMAL_MAX + 1))
		return NOT_SIMPLE;
	if (*at == 'u')
		put_decimal(out, va_arg(*arguments, unsigned long), false);
	else if (*at == 'd')
		put_signed(out, va_arg(*arguments, long));
	else
		return NOT_SIMPLE;
	*format = at + 1;
	return TAKEN;
}

/* Most conversions are nothing but a letter, or a letter behind an l or z: no
 * flags to keep, no padding to count.  @*format: at the %, and then behind what
 * was taken. */
INLINE enum taken take_simple(struct logtap_out *out, const char **format,
			      va_list *arguments)
{
	const char *text;

	switch ((*format)[1]) {
	case 's':
		text = va_arg(*arguments, const char *);
		if (__builtin_expect(!text, 0))
			text = "(null)"; /* as both libcs have it */
		if (!logtap_out_text(out, text, '\0'))
			return NO_ROOM;
		break;
	case 'd':
		if (!logtap_out_fits(out, LOGTAP_OUT_DECIMAL_MAX + 1))
			return NOT_SIMPLE;
		put_signed(out, va_arg(*arguments, int));
		break;
	case 'u':
		if (!logtap_out_fits(out, LOGTAP_OUT_DECIMAL_MAX + 1))
			return NOT_SIMPLE;
		put_decimal(out, va_arg(*arguments, unsigned), false);
		break;
	case 'c':
		if (!logtap_out_fits(out, 1))
			return NOT_SIMPLE;
		*out->at++ = (char)va_arg(*arguments, int);
		break;
	case 'l':
	case 'z':
		return take_long(out, format, arguments);
	default:
		return NOT_SIMPLE;
	}
	*format += 2;
	return TAKEN;
}

/* Is it one of the characters from @first on that are set in @set? */
static inline bool is_in(uint64_t set, unsigned char first, char what)
{
	unsigned at = (unsigned)(unsigned char)what - first;

	return at < 64 && set >> at & 1;
}
#define OF(first, letter) (UINT64_C(1) << ((letter) - (first)))
#define UP(letter) OF('@', letter)
#define LOW(letter) OF(' ', letter)

/* Where the letter of a conversion is, whose % is at @at. */
static const char *letter_of(const char *at)
{
	const uint64_t digits = UINT64_C(0x3ff) << ('0' - ' ');
	const uint64_t before = digits | LOW('-') | LOW('+') | LOW(' ') |
				LOW('#') | LOW('\'') | LOW('.') | LOW('*');
	const uint64_t lengths = UP('h') | UP('l') | UP('q') | UP('L') |
				 UP('j') | UP('z') | UP('t') | UP('I');

	do
		at++;
	while (is_in(before, ' ', *at) || is_in(lengths, '@', *at));
	return at;
}

/* May it be plain? */
static inline bool is_ours(char letter)
{
	const uint64_t ours = UP('d') | UP('i') | UP('u') | UP('x') | UP('X') |
			      UP('s') | UP('c') | UP('p');

	return is_in(ours, '@', letter) || letter == '%';
}

/* May libc begin in the middle?  Not where a conversion speaks of arguments or
 * bytes before it, and not where libc has its own idea of what is none. */
static bool can_be_split(const char *format)
{
	const uint64_t libcs = UP('o') | UP('e') | UP('E') | UP('f') | UP('F') |
			       UP('g') | UP('G') | UP('a') | UP('A') | UP('C') |
			       UP('S') | UP('m');

	for (; *format; format++) {
		if (*format != '%')
			continue;
		format = letter_of(format);
		if (!is_ours(*format) && !is_in(libcs, '@', *format))
			return false;
	}
	return true;
}

/* @from in the format, and @left of its arguments, behind the @done first bytes. */
static __attribute__((noinline)) int by_libc(char *to, size_t room, size_t done,
					     int error, const char *from,
					     va_list left)
{
	int size;

	errno = error;
	size = logtap_real.vsnprintf(to + done, room - done, from, left);
	return size < 0 || size > INT_MAX - (int)done ? -1 : (int)done + size;
}

int logtap_format(char *to, size_t room, int error, const char *format,
		  va_list arguments)
{
	struct logtap_out out = {to, to + room}, more;
	struct logtap_scan scan = logtap_scan_at(format);
	const char *at = format, *behind;
	enum taken taken;
	va_list left, copy;
	int size;

	va_copy(left, arguments);
	for (;;) {
		if (!logtap_scan_run(&out, &scan, &at)) {
			at = NULL;
			break;
		}
		if (!*at)
			break;
		taken = take_simple(&out, &at, &left);
		if (__builtin_expect(taken == TAKEN, 1))
			continue;
		if (taken == NO_ROOM) {
			at = NULL;
			break;
		}
		/* ours stay in registers, if it is copies that are handed on */
		more = out;
		behind = at + 1;
		va_copy(copy, left);
		if (!is_ours(*letter_of(at)) ||
		    !logtap_format_convert(&more, &behind, &copy)) {
			va_end(copy);
			break;
		}
		out = more;
		at = behind;
		va_end(left);
		va_copy(left, copy);
		va_end(copy);
	}
	if (__builtin_expect(at && !*at, 1)) {
		size = (int)(out.at - to);
	} else if (at && can_be_split(at)) {
		size = by_libc(to, room, (size_t)(out.at - to), error, at,
			       left);
	} else {
		va_end(left);
		va_copy(left, arguments);
		size = by_libc(to, room, 0, error, format, left);
	}
	va_end(left);
	return size;
}
