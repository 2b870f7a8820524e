/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to standard error: the collector's log and errors for people. */
#include "captured.h"

#include "../../../collector/base/error.h"
#include "../../../collector/base/log.h"
#include "../../../collector/base/stderr.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void assert_matches(const char *text, const char *pattern)
{
	regex_t regex;
	cr_assert_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	cr_assert_eq(regexec(&regex, text, 0, NULL, 0), 0, "%s", text);
	regfree(&regex);
}

Test(log, a_message_has_time_level_component_and_pairs_on_one_line)
{
	struct captured captured;
	captured_begin(&captured, STDERR_FILENO);
	logtap_log(LOGTAP_LOG_WARN, "reader", "segment refused file=%s", "a");
	assert_matches(captured_end(&captured),
		       "^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:"
		       "[0-6][0-9]\\.[0-9]{3}Z WARN reader segment refused "
		       "file=a\n$");
}

Test(log, messages_below_the_level_are_not_written)
{
	struct captured captured;
	captured_begin(&captured, STDERR_FILENO);
	logtap_log(LOGTAP_LOG_DEBUG, "reader", "hidden");
	logtap_log_set_level(LOGTAP_LOG_ERROR);
	logtap_log(LOGTAP_LOG_WARN, "reader", "hidden");
	cr_assert_str_eq(captured_end(&captured), "");

	logtap_log_set_level(LOGTAP_LOG_DEBUG);
	captured_begin(&captured, STDERR_FILENO);
	logtap_log(LOGTAP_LOG_DEBUG, "reader", "shown");
	assert_matches(captured_end(&captured), " DEBUG reader shown\n$");
}

/* It would die of SIGPIPE, which is as it was before. */
Test(log, a_line_that_nobody_reads_ends_nobody)
{
	int ends[2];
	sigset_t pending, mask;
	cr_assert_eq(pipe(ends), 0);
	close(ends[0]);
	int kept = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	logtap_error_say("nobody reads this");
	dup2(kept, STDERR_FILENO);
	sigpending(&pending);
	cr_assert_not(sigismember(&pending, SIGPIPE));
	sigprocmask(SIG_SETMASK, NULL, &mask);
	cr_assert_not(sigismember(&mask, SIGPIPE));
}

Test(log, no_byte_of_a_stranger_forges_a_line_or_steers_the_terminal)
{
	struct captured captured;
	captured_begin(&captured, STDERR_FILENO);
	logtap_error_say("%s", "a\nlogtap: b\x1b[31m\xc3\xa9\x7f");
	cr_assert_str_eq(captured_end(&captured),
			 "logtap: a?logtap: b?[31m\xc3\xa9?\n");
}

Test(log, a_text_that_is_too_long_is_cut_and_marked)
{
	struct captured captured;
	char text[2 * LOGTAP_STDERR_LINE_BYTES];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	captured_begin(&captured, STDERR_FILENO);
	logtap_error_say("%s", text);
	const char *line = captured_end(&captured);
	cr_assert_eq(strlen(line), LOGTAP_STDERR_LINE_BYTES - 1);
	cr_assert_str_eq(line + strlen(line) - 5, "x...\n");
}

Test(log, what_is_told_once_for_each_change_is)
{
	bool told = false;
	cr_assert_not(logtap_log_is_news(&told, false));
	cr_assert(logtap_log_is_news(&told, true));
	cr_assert_not(logtap_log_is_news(&told, true));
	cr_assert(logtap_log_is_news(&told, false));
	cr_assert_not(logtap_log_is_news(&told, false));
}

Test(log, errno_survives_even_a_closed_standard_error)
{
	int saved = dup(STDERR_FILENO);
	close(STDERR_FILENO);
	errno = ERANGE;
	logtap_error_say("nobody hears this");
	cr_assert_eq(errno, ERANGE);
	dup2(saved, STDERR_FILENO);
}

Test(error, names_what_where_why_and_what_next)
{
	char text[128];
	logtap_error_format(text, sizeof(text), "output", "a.jsonl",
			    "File exists", "choose another name");
	cr_assert_str_eq(text, "output: a.jsonl: File exists; choose another "
			       "name");
	logtap_error_format(text, sizeof(text), "fork", NULL, "no memory",
			    NULL);
	cr_assert_str_eq(text, "fork: no memory");
}
