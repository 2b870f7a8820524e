/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of syslog, as real senders write them. */
#include "../../../collector/shape/syslog.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct example {
	const char *datagram;
	int priority; /* -1: none */
	const char *host, *ident, *procid, *msgid, *data, *message;
};

static void check_part(const struct logtap_syslog_part *part, const char *want,
		       const char *what, const char *datagram)
{
	want = want ? want : "";
	cr_assert(part->bytes == strlen(want) &&
			  (!part->bytes ||
			   !memcmp(part->text, want, part->bytes)),
		  "%s is \"%.*s\", not \"%s\", in \"%s\"", what,
		  (int)part->bytes, part->text, want, datagram);
}

static void check(const struct example *example)
{
	struct logtap_syslog parsed;
	size_t bytes = strlen(example->datagram);
	/* exactly its bytes: a sanitizer sees a look past the end */
	char *copy = malloc(bytes ? bytes : 1);

	memcpy(copy, example->datagram, bytes);
	logtap_syslog_parse(&parsed, copy, bytes);
	cr_assert_eq(parsed.has_priority, example->priority >= 0, "%s",
		     example->datagram);
	if (parsed.has_priority)
		cr_assert_eq((int)parsed.priority, example->priority);
	check_part(&parsed.host, example->host, "host", example->datagram);
	check_part(&parsed.ident, example->ident, "ident", example->datagram);
	check_part(&parsed.procid, example->procid, "procid",
		   example->datagram);
	check_part(&parsed.msgid, example->msgid, "msgid", example->datagram);
	check_part(&parsed.data, example->data, "data", example->datagram);
	check_part(&parsed.message, example->message, "message",
		   example->datagram);
	free(copy);
}

static void check_all(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&examples[i]);
}

Test(syslog, the_old_form_as_programs_send_it)
{
	static const struct example examples[] = {
		/* libc, with and without LOG_PID */
		{"<30>Nov 22 09:00:00 sshd[812]: Server listening", 30, NULL,
		 "sshd", "812", NULL, NULL, "Server listening"},
		{"<13>Jan  1 00:00:00 app: hello: world", 13, NULL, "app", NULL,
		 NULL, NULL, "hello: world"},
		/* newer libc without a time zone may write the year first */
		{"<13>2026-11-22T09:00:00.123456+01:00 app[7]: hello", 13, NULL,
		 "app", "7", NULL, NULL, "hello"},
		/* nginx: with a host */
		{"<190>Nov 22 09:00:00 web-1 nginx: 127.0.0.1 - GET /", 190,
		 "web-1", "nginx", NULL, NULL, NULL, "127.0.0.1 - GET /"},
		/* nginx with nohostname is libc's form */
		{"<191>Nov 22 09:00:00 nginx: GET /", 191, NULL, "nginx", NULL,
		 NULL, NULL, "GET /"},
		/* Python: neither time nor ident, unless asked */
		{"<14>the pool is empty", 14, NULL, NULL, NULL, NULL, NULL,
		 "the pool is empty"},
		{"<14>myapp: the pool is empty", 14, NULL, "myapp", NULL, NULL,
		 NULL, "the pool is empty"},
		/* postgres, redis: libc's form with a name that has a slash or
		 * a dash */
		{"<134>Nov 22 09:00:00 postfix/smtpd[99]: connect", 134, NULL,
		 "postfix/smtpd", "99", NULL, NULL, "connect"},
		{"<134>Nov 22 09:00:00 redis-server[1]: ", 134, NULL,
		 "redis-server", "1", NULL, NULL, ""},
		/* ends that senders add */
		{"<13>app: with a line feed\n", 13, NULL, "app", NULL, NULL,
		 NULL, "with a line feed"},
		{"<13>Nov 22 09:00:00 app:", 13, NULL, "app", NULL, NULL, NULL,
		 ""},
	};

	check_all(examples, sizeof(examples) / sizeof(examples[0]));
}

Test(syslog, words_with_a_colon_inside_are_no_ident)
{
	static const struct example examples[] = {
		{"<13>std::bad_alloc was thrown", 13, NULL, NULL, NULL, NULL,
		 NULL, "std::bad_alloc was thrown"},
		{"<13>http://localhost: no", 13, NULL, NULL, NULL, NULL, NULL,
		 "http://localhost: no"},
		{"<13>Nov 22 09:00:00 two words: no", 13, "two", "words", NULL,
		 NULL, NULL, "no"},
		{"<13>Nov 22 09:00:00 three plain words", 13, NULL, NULL, NULL,
		 NULL, NULL, "three plain words"},
		{"<13>[12] app: no", 13, NULL, NULL, NULL, NULL, NULL,
		 "[12] app: no"},
		{"<13>app[12: no", 13, NULL, NULL, NULL, NULL, NULL,
		 "app[12: no"},
		{"<13>: no", 13, NULL, NULL, NULL, NULL, NULL, ": no"},
	};

	check_all(examples, sizeof(examples) / sizeof(examples[0]));
}

Test(syslog, the_new_form)
{
	static const struct example examples[] = {
		{"<34>1 2026-11-22T22:14:15.003Z host su 77 ID47 - \xef\xbb\xbf"
		 "'su root' failed",
		 34, "host", "su", "77", "ID47", NULL, "'su root' failed"},
		{"<165>1 - - - - - - text", 165, NULL, NULL, NULL, NULL, NULL,
		 "text"},
		{"<165>1 2026-11-22T22:14:15Z h app - - "
		 "[a@1 k=\"v \\\" \\] ]\" l=\"w\"][b] text",
		 165, "h", "app", NULL, NULL,
		 "[a@1 k=\"v \\\" \\] ]\" l=\"w\"][b]", "text"},
		{"<165>1 2026-11-22T22:14:15Z h app - - [a", 165, "h", "app",
		 NULL, NULL, "[a", ""},
		{"<165>1 2026-11-22T22:14:15Z h", 165, "h", NULL, NULL, NULL,
		 NULL, ""},
	};

	check_all(examples, sizeof(examples) / sizeof(examples[0]));
}

Test(syslog, without_a_priority_all_is_message)
{
	static const struct example examples[] = {
		{"", -1, NULL, NULL, NULL, NULL, NULL, ""},
		{"app: hello", -1, NULL, NULL, NULL, NULL, NULL, "app: hello"},
		{"<192>app: hello", -1, NULL, NULL, NULL, NULL, NULL,
		 "<192>app: hello"},
		{"<13", -1, NULL, NULL, NULL, NULL, NULL, "<13"},
	};

	check_all(examples, sizeof(examples) / sizeof(examples[0]));
}

Test(syslog, a_nul_that_python_appends_is_no_part_of_the_message)
{
	struct logtap_syslog parsed;

	logtap_syslog_parse(&parsed, "<14>text\0", 9);
	check_part(&parsed.message, "text", "message", "<14>text");
}

Test(syslog, parts_lie_inside_the_datagram_whatever_its_bytes_are)
{
	static const char *const pieces[] = {
		"<13>",
		"<165>1 ",
		"Nov 22 09:00:00 ",
		"2026-11-22T09:00:00 ",
		"app",
		"[",
		"]",
		": ",
		":",
		" ",
		"\"",
		"\\",
		"-",
		"\xef\xbb",
		"\n",
		"\xff",
	};
	uint64_t state = 7;

	for (unsigned round = 0; round < 20000; round++) {
		char *text = NULL;
		size_t bytes = 0;
		for (unsigned i = 0; i < round % 12; i++) {
			state = state * 6364136223846793005u +
				1442695040888963407u;
			const char *piece = pieces[state >> 33 & 15];
			text = realloc(text, bytes + strlen(piece));
			memcpy(text + bytes, piece, strlen(piece));
			bytes += strlen(piece);
		}
		struct logtap_syslog parsed;
		logtap_syslog_parse(&parsed, text ? text : "", bytes);
		const struct logtap_syslog_part *parts[] = {
			&parsed.host,  &parsed.ident, &parsed.procid,
			&parsed.msgid, &parsed.data,  &parsed.message};
		for (size_t i = 0; i < 6; i++)
			cr_assert(!parts[i]->bytes ||
				  (parts[i]->text >= text &&
				   parts[i]->text + parts[i]->bytes <=
					   text + bytes));
		free(text);
	}
}
