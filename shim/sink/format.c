/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Plain printf formats: see the header.  Runs in the host's threads, under the
 * guard, and writes right into the ring. */
#include "format.h"

#include "../bytes.h"
#include "../real.h"

#include <errno.h>

/* Wider than any log line needs; more is libc's. */
#define WIDTH_MAX 512
#define DIGITS_MAX 24

/* Where the text goes.  @end: one behind the last byte that may be written. */
struct out {
	char *at;
	char *end;
};

struct conversion {
	unsigned width;
	int precision; /* -1: none */
	bool left;
	bool zero;
	bool plus;
	bool space;
	bool alternate;
	unsigned char bytes; /* of the integer: 1, 2, 4 or 8 */
	char letter;
};

static inline bool fits(const struct out *out, size_t bytes)
{
	return bytes < (size_t)(out->end - out->at);
}

static inline void fill(struct out *out, char with, size_t count)
{
	for (; count; count--) {
		*out->at++ = with;
		__asm__("");
	}
}

static bool put_text(struct out *out, const struct conversion *how,
		     const char *text, size_t bytes)
{
	size_t pad = how->width > bytes ? how->width - bytes : 0;

	if (__builtin_expect(!fits(out, bytes + pad), 0))
		return false;
	if (!how->left)
		fill(out, ' ', pad);
	logtap_bytes_copy(out->at, text, bytes);
	out->at += bytes;
	if (how->left)
		fill(out, ' ', pad);
	return true;
}

/* Writes @value backwards, so that it ends before @end.  Return: its start. */
static char *put_decimal(char *end, uint64_t value)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";

	uint32_t small;

	for (; value > UINT32_MAX; value /= 100) {
		end -= 2;
		__builtin_memcpy(end, pairs + value % 100 * 2, 2);
	}
	/* a shorter division */
	for (small = (uint32_t)value; small >= 100; small /= 100) {
		end -= 2;
		__builtin_memcpy(end, pairs + small % 100 * 2, 2);
	}
	if (small >= 10) {
		end -= 2;
		__builtin_memcpy(end, pairs + small * 2, 2);
	} else {
		*--end = (char)('0' + small);
	}
	return end;
}

static char *put_hexadecimal(char *end, uint64_t value, char letter)
{
	const char *digits =
		letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";

	do
		*--end = digits[value & 15];
	while (value >>= 4);
	return end;
}

/* @sign: what stands before the digits, @sign_bytes of it. */
static bool put_number(struct out *out, const struct conversion *how,
		       const char *sign, size_t sign_bytes, const char *digits,
		       size_t count)
{
	size_t wanted = how->precision > 0 ? (size_t)how->precision : 0;
	size_t zeros = wanted > count ? wanted - count : 0;
	size_t bytes = sign_bytes + zeros + count;
	size_t pad = how->width > bytes ? how->width - bytes : 0;

	if (__builtin_expect(!fits(out, bytes + pad), 0))
		return false;
	if (how->zero && !how->left && how->precision < 0) {
		zeros += pad;
		pad = 0;
	}
	if (!how->left)
		fill(out, ' ', pad);
	for (size_t i = 0; i < sign_bytes; i++)
		*out->at++ = sign[i];
	fill(out, '0', zeros);
	logtap_bytes_copy(out->at, digits, count);
	out->at += count;
	if (how->left)
		fill(out, ' ', pad);
	return true;
}

static bool put_signed(struct out *out, const struct conversion *how,
		       int64_t value)
{
	char room[DIGITS_MAX], *end = room + sizeof room, *digits = end;
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	const char *sign = value < 0 ? "-" : how->plus ? "+" : " ";

	if (value || how->precision)
		digits = put_decimal(end, size);
	return put_number(out, how, sign, value < 0 || how->plus || how->space,
			  digits, (size_t)(end - digits));
}

static bool put_unsigned(struct out *out, const struct conversion *how,
			 uint64_t value)
{
	char room[DIGITS_MAX], *end = room + sizeof room, *digits = end;
	bool hexadecimal = how->letter != 'u';

	if (how->plus || how->space || (how->alternate && !hexadecimal))
		return false;
	if (value || how->precision)
		digits = hexadecimal ? put_hexadecimal(end, value, how->letter)
				     : put_decimal(end, value);
	return put_number(out, how, how->letter == 'X' ? "0X" : "0x",
			  how->alternate && value ? 2 : 0, digits,
			  (size_t)(end - digits));
}

static bool is_bare(const struct conversion *how)
{
	return !how->zero && !how->plus && !how->space && !how->alternate;
}

static bool put_string(struct out *out, const struct conversion *how,
		       const char *text)
{
	size_t most = how->precision < 0 ? (size_t)-1 : (size_t)how->precision;

	if (!is_bare(how))
		return false;
	if (__builtin_expect(!text, 0)) {
		text = most < 6 ? "" : "(null)"; /* as glibc has it */
		return put_text(out, how, text, logtap_bytes_length(text));
	}
	return put_text(out, how, text, logtap_bytes_length_within(text, most));
}

static bool put_pointer(struct out *out, const struct conversion *how,
			uint64_t value)
{
	struct conversion as = *how;

	if (!is_bare(how) || how->precision >= 0)
		return false;
	if (!value)
		return put_text(out, how, "(nil)", 5);
	as.letter = 'x';
	as.alternate = true;
	return put_unsigned(out, &as, value);
}

static int print(char *to, size_t room, const char *format, ...)
{
	va_list none;
	int size;

	va_start(none, format);
	size = logtap_real.vsnprintf(to, room, format, none);
	va_end(none);
	return size;
}

/* A message of libc's, in the language of the locale. */
static bool put_error(struct out *out, const struct conversion *how, int error)
{
	char text[256];
	int size;

	if (!is_bare(how) || how->precision >= 0 || !logtap_real.vsnprintf)
		return false;
	errno = error;
	size = print(text, sizeof text, "%m");
	return size >= 0 && (size_t)size < sizeof text &&
	       put_text(out, how, text, (size_t)size);
}

static int64_t signed_of(uint64_t value, unsigned bytes)
{
	switch (bytes) {
	case 1:
		return (signed char)value;
	case 2:
		return (short)value;
	case 4:
		return (int)value;
	default:
		return (int64_t)value;
	}
}

static uint64_t unsigned_of(uint64_t value, unsigned bytes)
{
	return bytes == 8 ? value : value & ((UINT64_C(1) << 8 * bytes) - 1);
}

/* Reads flags up to the first other character.  Return: where it is. */
static const char *read_flags(const char *at, struct conversion *how)
{
	for (;; at++)
		switch (*at) {
		case '-':
			how->left = true;
			break;
		case '0':
			how->zero = true;
			break;
		case '+':
			how->plus = true;
			break;
		case ' ':
			how->space = true;
			break;
		case '#':
			how->alternate = true;
			break;
		default:
			return at;
		}
}

/* Reads digits.  Return: where they end; *@value: at most WIDTH_MAX + 1. */
static const char *read_number(const char *at, int *value)
{
	*value = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		if (*value <= WIDTH_MAX)
			*value = *value * 10 + (*at - '0');
	return at;
}

static const char *read_length(const char *at, struct conversion *how)
{
	how->bytes = sizeof(int);
	switch (*at) {
	case 'l':
		how->bytes = sizeof(long);
		return at[1] == 'l' ? at + 2 : at + 1;
	case 'z':
	case 'j':
	case 't':
		how->bytes = sizeof(long);
		return at + 1;
	case 'h':
		how->bytes = at[1] == 'h' ? sizeof(char) : sizeof(short);
		return at[1] == 'h' ? at + 2 : at + 1;
	default:
		return at;
	}
}

/* One conversion, @*format behind its %.  Arguments are taken as they come;
 * whoever is refused begins again with a list of his own. */
static __attribute__((noinline)) bool convert(struct out *out,
					      const char **format, int error,
					      va_list *arguments)
{
	struct conversion how = {.precision = -1};
	const char *at = read_flags(*format, &how), *length;
	char letter;
	int number;

	if (*at == '*') {
		number = va_arg(*arguments, int);
		how.left |= number < 0;
		if (number > WIDTH_MAX || number < -WIDTH_MAX)
			return false;
		how.width = (unsigned)(number < 0 ? -number : number);
		at++;
	} else if (*at >= '1' && *at <= '9') {
		at = read_number(at, &number);
		if (number > WIDTH_MAX)
			return false;
		how.width = (unsigned)number;
	}
	if (*at == '.') {
		at++;
		if (*at == '*') {
			how.precision = va_arg(*arguments, int);
			at++;
		} else {
			at = read_number(at, &how.precision);
		}
		if (how.precision > WIDTH_MAX)
			return false;
		if (how.precision < 0)
			how.precision = -1;
	}
	length = at;
	at = read_length(at, &how);
	letter = how.letter = *at;
	*format = at + 1;
	switch (letter) {
	case 'd':
	case 'i':
		if (how.alternate)
			return false;
		return put_signed(
			out, &how,
			signed_of(how.bytes == 8 ? va_arg(*arguments, uint64_t)
						 : va_arg(*arguments, unsigned),
				  how.bytes));
	case 'u':
	case 'x':
	case 'X':
		return put_unsigned(
			out, &how,
			unsigned_of(how.bytes == 8
					    ? va_arg(*arguments, uint64_t)
					    : va_arg(*arguments, unsigned),
				    how.bytes));
	}
	if (length != at) /* wide characters and strings, too */
		return false;
	switch (letter) {
	case 's':
		return put_string(out, &how, va_arg(*arguments, const char *));
	case 'c': {
		char one = (char)va_arg(*arguments, int);
		return is_bare(&how) && how.precision < 0 &&
		       put_text(out, &how, &one, 1);
	}
	case 'p':
		return put_pointer(out, &how,
				   (uintptr_t)va_arg(*arguments, const void *));
	case 'm':
		return put_error(out, &how, error);
	case '%':
		return is_bare(&how) && !how.left && !how.width &&
		       how.precision < 0 && put_text(out, &how, "%", 1);
	default:
		return false;
	}
}

static unsigned count_digits(uint64_t value)
{
	unsigned count = 1;

	for (;; value /= 10000, count += 4) {
		if (value < 10)
			return count;
		if (value < 100)
			return count + 1;
		if (value < 1000)
			return count + 2;
		if (value < 10000)
			return count + 3;
	}
}

static inline bool put_simple_decimal(struct out *out, uint64_t value,
				      bool negative)
{
	unsigned count = count_digits(value);

	if (__builtin_expect(!fits(out, DIGITS_MAX), 0))
		return false;
	*out->at = '-';
	out->at += negative + count;
	put_decimal(out->at, value);
	return true;
}

static inline bool put_simple_string(struct out *out, const char *text)
{
	size_t bytes;

	if (__builtin_expect(!text, 0))
		text = "(null)";
	bytes = logtap_bytes_length(text);
	if (__builtin_expect(!fits(out, bytes), 0))
		return false;
	logtap_bytes_copy(out->at, text, bytes);
	out->at += bytes;
	return true;
}

/* Most conversions are nothing but a letter, or a letter behind an l or z: no
 * flags to keep, no padding to count.  Return: false if this is another one,
 * and nothing is taken; *@plain: as from convert(). */
static inline bool convert_simple(struct out *out, const char **format,
				  va_list *arguments, bool *plain)
{
	const char *at = *format;
	bool is_long = *at == 'l' || *at == 'z';
	int64_t number;

	at += is_long;
	at += is_long && at[-1] == 'l' && *at == 'l';
	switch (*at) {
	case 'd':
		number = is_long ? va_arg(*arguments, long)
				 : va_arg(*arguments, int);
		*plain = put_simple_decimal(
			out, number < 0 ? -(uint64_t)number : (uint64_t)number,
			number < 0);
		break;
	case 'u':
		*plain = put_simple_decimal(
			out,
			is_long ? va_arg(*arguments, unsigned long)
				: va_arg(*arguments, unsigned),
			false);
		break;
	case 's':
		if (is_long)
			return false;
		*plain = put_simple_string(out,
					   va_arg(*arguments, const char *));
		break;
	default:
		return false;
	}
	*format = at + 1;
	return true;
}

int logtap_format_plain(char *to, size_t room, int error, const char *format,
			va_list arguments)
{
	struct out out = {to, to + room};
	va_list left;
	bool plain = true;

	va_copy(left, arguments);
	while (plain) {
		size_t run = logtap_bytes_plain_run(format);

		plain = fits(&out, run);
		if (!plain)
			break;
		logtap_bytes_copy(out.at, format, run);
		out.at += run;
		format += run;
		if (!*format)
			break;
		format++;
		if (!convert_simple(&out, &format, &left, &plain))
			plain = convert(&out, &format, error, &left);
	}
	va_end(left);
	return plain ? (int)(out.at - to) : LOGTAP_FORMAT_REFUSED;
}
