/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The list of headers of OTEL_EXPORTER_OTLP_HEADERS.  Pure functions, called
 * once at start. */
#include "otlp_headers.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void logtap_otlp_headers_free(struct logtap_otlp_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(headers[i].name);
		free(headers[i].value);
	}
	free(headers);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes in place.  Return: NULL, or what is wrong with @text.
 * Control characters: NUL would end a value early, CR LF begin a header. */
static const char *decode(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++) {
		unsigned char byte = (unsigned char)*from;
		if (byte == '%') {
			int high = hex_digit(from[1]);
			int low = high < 0 ? -1 : hex_digit(from[2]);
			if (low < 0)
				return "its percent-encoding is broken";
			byte = (unsigned char)(high << 4 | low);
			from += 2;
		}
		if ((byte < ' ' && byte != '\t') || byte == 127)
			return "it holds a control character";
		*to++ = (char)byte;
	}
	*to = 0;
	return NULL;
}

static bool is_token(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c > 127 || (!isalnum(c) && !strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return true;
}

static bool describes_the_body(const char *name)
{
	static const char *const ours[] = {
		"content-type", "content-encoding",  "content-length",
		"expect",	"transfer-encoding", "connection",
	};
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (!strcasecmp(name, ours[i]))
			return true;
	}
	return false;
}

static char *trim(char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	size_t size = strlen(text);
	while (size && (text[size - 1] == ' ' || text[size - 1] == '\t'))
		text[--size] = 0;
	return text;
}

/* Splits and decodes @entry in place.  Return: NULL, or why it is no header. */
static const char *parse_entry(char *entry, char **name, char **value)
{
	char *equals = strchr(entry, '=');
	if (!equals)
		return "it has no '='";
	*equals = 0;
	*name = trim(entry);
	*value = trim(equals + 1);
	const char *why = decode(*name);
	if (!why)
		why = decode(*value);
	if (why)
		return why;
	if (!is_token(*name))
		return "its name is no HTTP header name";
	if (describes_the_body(*name))
		return "logtap sets that header itself";
	return NULL;
}

static int keep(struct logtap_otlp_header **headers, size_t *count,
		const char *name, const char *value)
{
	struct logtap_otlp_header *at = NULL;
	for (size_t i = 0; i < *count && !at; i++) {
		if (!strcasecmp((*headers)[i].name, name))
			at = &(*headers)[i];
	}
	char *copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	if (at) {
		free(at->value);
		at->value = copy;
		return 0;
	}
	struct logtap_otlp_header *grown =
		realloc(*headers, (*count + 1) * sizeof(**headers));
	char *name_copy = strdup(name);
	if (grown)
		*headers = grown;
	if (!grown || !name_copy) {
		free(copy);
		free(name_copy);
		return -ENOMEM;
	}
	grown[(*count)++] = (struct logtap_otlp_header){name_copy, copy};
	return 0;
}

int logtap_otlp_headers_parse(
	const char *list, struct logtap_otlp_header **headers, size_t *count,
	void (*bad)(void *context, unsigned entry, const char *why),
	void *context)
{
	*headers = NULL;
	*count = 0;
	char *copy = strdup(list);
	if (!copy)
		return -ENOMEM;
	int error = 0;
	unsigned place = 0;
	char *rest = copy;
	char *entry;
	while (!error && (entry = strsep(&rest, ","))) {
		char *name;
		char *value;
		place++;
		entry = trim(entry);
		if (!*entry)
			continue; /* "a=b," is common and harmless */
		const char *why = parse_entry(entry, &name, &value);
		if (why)
			bad(context, place, why);
		else
			error = keep(headers, count, name, value);
	}
	free(copy);
	if (error) {
		logtap_otlp_headers_free(*headers, *count);
		*headers = NULL;
		*count = 0;
	}
	return error;
}
