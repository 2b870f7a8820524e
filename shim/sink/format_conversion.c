/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions with flags, width, precision: see the header.  Runs in the host's
 * threads, under the guard. */
#include "format_conversion.h"

static inline void fill(struct logtap_out *out, char with, size_t count)
{
	for (; count; count--) {
		*out->at++ = with;
		__asm__("");
	}
}

static bool put_text(struct logtap_out *out,
		     const struct logtap_conversion *how, const char *text,
		     size_t bytes)
{
	size_t pad = how->width > bytes ? how->width - bytes : 0;

	if (__builtin_expect(!logtap_out_fits(out, bytes + pad), 0))
		return false;
	if (!how->left)
		fill(out, ' ', pad);
	logtap_bytes_copy(out->at, text, bytes);
	out->at += bytes;
	if (how->left)
		fill(out, ' ', pad);
	return true;
}

/* Return: the place behind the digits. */
static char *put_hexadecimal(char *at, uint64_t value, char letter)
{
	const char *digits =
		letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	int shift = (63 - __builtin_clzll(value | 1)) & ~3;

	for (; shift >= 0; shift -= 4)
		*at++ = digits[value >> shift & 15];
	return at;
}

/* @sign: what stands before the digits, @sign_bytes of it. */
static bool put_number(struct logtap_out *out,
		       const struct logtap_conversion *how, const char *sign,
		       size_t sign_bytes, const char *digits, size_t count)
{
	size_t wanted = how->precision > 0 ? (size_t)how->precision : 0;
	size_t zeros = wanted > count ? wanted - count : 0;
	size_t bytes = sign_bytes + zeros + count;
	size_t pad = how->width > bytes ? how->width - bytes : 0;

	if (__builtin_expect(!logtap_out_fits(out, bytes + pad), 0))
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

static bool put_signed(struct logtap_out *out,
		       const struct logtap_conversion *how, int64_t value)
{
	char digits[LOGTAP_OUT_DECIMAL_MAX], *end = digits;
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	const char *sign = value < 0 ? "-" : how->plus ? "+" : " ";

	if (value || how->precision)
		end = logtap_out_decimal(digits, size);
	return put_number(out, how, sign, value < 0 || how->plus || how->space,
			  digits, (size_t)(end - digits));
}

static bool put_unsigned(struct logtap_out *out,
			 const struct logtap_conversion *how, uint64_t value)
{
	char digits[LOGTAP_OUT_DECIMAL_MAX], *end = digits;
	bool hexadecimal = how->letter != 'u';

	if (how->plus || how->space || (how->alternate && !hexadecimal))
		return false;
	if (value || how->precision)
		end = hexadecimal ? put_hexadecimal(digits, value, how->letter)
				  : logtap_out_decimal(digits, value);
	return put_number(out, how, how->letter == 'X' ? "0X" : "0x",
			  how->alternate && value ? 2 : 0, digits,
			  (size_t)(end - digits));
}

static bool is_bare(const struct logtap_conversion *how)
{
	return !how->zero && !how->plus && !how->space && !how->alternate;
}

static bool put_string(struct logtap_out *out,
		       const struct logtap_conversion *how, const char *text)
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

static bool put_pointer(struct logtap_out *out,
			const struct logtap_conversion *how, uint64_t value)
{
	struct logtap_conversion as = *how;

	if (!is_bare(how) || how->precision >= 0)
		return false;
	if (!value)
		return put_text(out, how, "(nil)", 5);
	as.letter = 'x';
	as.alternate = true;
	return put_unsigned(out, &as, value);
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

static uint64_t integer(const struct logtap_conversion *how, va_list *arguments)
{
	return how->bytes == 8 ? va_arg(*arguments, uint64_t)
			       : va_arg(*arguments, unsigned);
}

/* All but integers, which have no length: wide characters and strings do. */
static bool put_other(struct logtap_out *out,
		      const struct logtap_conversion *how, va_list *arguments)
{
	char one;

	switch (how->letter) {
	case 's':
		return put_string(out, how, va_arg(*arguments, const char *));
	case 'c':
		one = (char)va_arg(*arguments, int);
		return is_bare(how) && how->precision < 0 &&
		       put_text(out, how, &one, 1);
	case 'p':
		return put_pointer(out, how,
				   (uintptr_t)va_arg(*arguments, const void *));
	case '%':
		return is_bare(how) && !how->left && !how->width &&
		       how->precision < 0 && put_text(out, how, "%", 1);
	default:
		return false;
	}
}

bool logtap_format_convert(struct logtap_out *out, const char **format,
			   va_list *arguments)
{
	struct logtap_conversion how;

	if (!logtap_conversion_read(&how, format, arguments))
		return false;
	switch (how.letter) {
	case 'd':
	case 'i':
		return !how.alternate &&
		       put_signed(out, &how,
				  signed_of(integer(&how, arguments),
					    how.bytes));
	case 'u':
	case 'x':
	case 'X':
		return put_unsigned(out, &how,
				    unsigned_of(integer(&how, arguments),
						how.bytes));
	default:
		return !how.has_length && put_other(out, &how, arguments);
	}
}
