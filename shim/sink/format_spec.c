/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between a % and its letter: see the header.  Runs in the host's
 * threads, under the guard. */
#include "format_conversion.h"

/* Wider than any log line needs; more is libc's. */
#define WIDTH_MAX 512

/* Reads flags up to the first other character.  Return: where it is. */
static const char *read_flags(const char *at, struct logtap_conversion *how)
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

static const char *read_length(const char *at, struct logtap_conversion *how)
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

static bool read_width(const char **at, struct logtap_conversion *how,
		       va_list *arguments)
{
	int number = 0;

	if (**at == '*') {
		number = va_arg(*arguments, int);
		++*at;
	} else if (**at >= '1' && **at <= '9') {
		*at = read_number(*at, &number);
	}
	if (number > WIDTH_MAX || number < -WIDTH_MAX)
		return false;
	how->left |= number < 0;
	how->width = (unsigned)(number < 0 ? -number : number);
	return true;
}

static bool read_precision(const char **at, struct logtap_conversion *how,
			   va_list *arguments)
{
	how->precision = -1;
	if (**at != '.')
		return true;
	++*at;
	if (**at == '*') {
		how->precision = va_arg(*arguments, int);
		++*at;
	} else {
		*at = read_number(*at, &how->precision);
	}
	if (how->precision < 0)
		how->precision = -1;
	return how->precision <= WIDTH_MAX;
}

bool logtap_conversion_read(struct logtap_conversion *how, const char **format,
			    va_list *arguments)
{
	const char *at, *length;

	*how = (struct logtap_conversion){0};
	at = read_flags(*format, how);
	if (!read_width(&at, how, arguments) ||
	    !read_precision(&at, how, arguments))
		return false;
	length = at;
	at = read_length(at, how);
	how->has_length = at != length;
	how->letter = *at;
	*format = at + 1;
	return true;
}
