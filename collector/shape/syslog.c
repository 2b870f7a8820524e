/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syslog datagrams: see the header.  Any thread.
 *
 * The old form has no grammar that senders keep to.  What is certain: the
 * priority comes first; libc then writes a time, an ident, perhaps a process
 * number, a colon; nginx puts a host in between; Python writes neither time nor,
 * unless told to, an ident.  So a word counts as ident only if it ends with a
 * colon, and a word before it as host only behind a time.
 */
#include "syslog.h"

#include "severity.h"

#include <string.h>

enum { IDENT_MAX = 128 };

struct cursor {
	const char *at;
	const char *end;
};

static size_t left(const struct cursor *in)
{
	return (size_t)(in->end - in->at);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does the text follow the pattern?  9 a digit, _ a digit or a space, A a
 * letter; anything else itself. */
static bool matches(const struct cursor *in, const char *pattern)
{
	size_t bytes = strlen(pattern);

	if (left(in) < bytes)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		char c = in->at[i];
		bool good = pattern[i] == '9'	? is_digit(c)
			    : pattern[i] == '_' ? is_digit(c) || c == ' '
			    : pattern[i] == 'A' ? (c >= 'A' && c <= 'Z') ||
							  (c >= 'a' && c <= 'z')
						: c == pattern[i];
		if (!good)
			return false;
	}
	return true;
}

/* The next word, up to a space; the space is taken, too. */
static struct logtap_syslog_part word(struct cursor *in)
{
	const char *space = memchr(in->at, ' ', left(in));
	struct logtap_syslog_part part = {in->at, left(in)};

	if (space)
		part.bytes = (size_t)(space - in->at);
	in->at += part.bytes + (space != NULL);
	return part;
}

/* A word of RFC 5424, where "-" stands for nothing. */
static struct logtap_syslog_part field(struct cursor *in)
{
	struct logtap_syslog_part part = word(in);

	if (part.bytes == 1 && part.text[0] == '-')
		part.bytes = 0;
	return part;
}

/* [id name="value" ...][...]; a quote or a bracket in a value is escaped. */
static struct logtap_syslog_part structured_data(struct cursor *in)
{
	struct logtap_syslog_part part = {in->at, 0};
	bool quoted = false;
	const char *at = in->at;

	if (at == in->end || *at != '[')
		return field(in);
	for (bool inside = false; at < in->end; at++) {
		if (!inside && *at != '[')
			break;
		if (quoted && *at == '\\' && at + 1 < in->end)
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && *at == ']')
			inside = false;
		else if (!inside)
			inside = true;
	}
	part.bytes = (size_t)(at - in->at);
	in->at = at;
	if (in->at < in->end && *in->at == ' ')
		in->at++;
	return part;
}

static void parse_5424(struct logtap_syslog *out, struct cursor *in)
{
	word(in); /* version */
	word(in); /* time: the call's own is better */
	out->host = field(in);
	out->ident = field(in);
	out->procid = field(in);
	out->msgid = field(in);
	out->data = structured_data(in);
	if (left(in) >= 3 && !memcmp(in->at, "\xef\xbb\xbf", 3))
		in->at += 3;
}

/* IDENT: or IDENT[PROCID]: at the start; takes it and one space. */
static bool parse_ident(struct logtap_syslog *out, struct cursor *in)
{
	const char *at = in->at;
	struct logtap_syslog_part ident = {at, 0}, procid = {at, 0};

	while (at < in->end && at - in->at <= IDENT_MAX &&
	       (unsigned char)*at > ' ' && *at != ':' && *at != '[')
		at++;
	ident.bytes = (size_t)(at - in->at);
	if (at < in->end && *at == '[') {
		procid.text = ++at;
		while (at < in->end && (unsigned char)*at > ' ' && *at != ']' &&
		       *at != '[')
			at++;
		procid.bytes = (size_t)(at - procid.text);
		if (at == in->end || *at != ']')
			return false;
		at++;
	}
	if (!ident.bytes || at == in->end || *at != ':')
		return false;
	at++;
	/* "std::bad_alloc", "http://": no ident */
	if (at < in->end && *at != ' ')
		return false;
	out->ident = ident;
	out->procid = procid;
	in->at = at + (at < in->end);
	return true;
}

static bool skip_time(struct cursor *in)
{
	if (matches(in, "AAA _9 99:99:99 ")) {
		in->at += strlen("Jan  1 00:00:00 ");
		return true;
	}
	if (!matches(in, "9999-99-99T99:99:99"))
		return false;
	word(in);
	return true;
}

static void parse_3164(struct logtap_syslog *out, struct cursor *in)
{
	bool timed = skip_time(in);

	if (parse_ident(out, in) || !timed)
		return;
	struct cursor behind = *in;
	struct logtap_syslog_part host = word(&behind);
	if (host.bytes && parse_ident(out, &behind)) {
		out->host = host;
		*in = behind;
	}
}

void logtap_syslog_parse(struct logtap_syslog *out, const char *text,
			 size_t bytes)
{
	struct cursor in = {text, text + bytes};

	*out = (struct logtap_syslog){0};
	/* Python ends a message with a NUL, others with a line feed */
	while (in.end > in.at && (in.end[-1] == '\0' || in.end[-1] == '\n'))
		in.end--;
	size_t prefix =
		logtap_priority_prefix(in.at, left(&in), &out->priority);
	if (prefix) {
		out->has_priority = true;
		in.at += prefix;
		if (matches(&in, "9 9999-99-99T") || matches(&in, "9 - "))
			parse_5424(out, &in);
		else
			parse_3164(out, &in);
	}
	out->message = (struct logtap_syslog_part){in.at, left(&in)};
}
