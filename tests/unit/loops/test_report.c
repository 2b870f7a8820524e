/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Loops as a table and as a report. */
#include "report_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void set_utc(void)
{
	setenv("TZ", "UTC", 1);
}

TestSuite(report, .init = set_utc);

static json_t *reply_of(json_t *loop)
{
	return json_pack("{s:s,s:[o]}", "instance", "i", "loops", loop);
}

/* No line is too long for a terminal, and nothing steers it. */
static void assert_plain(const char *text, size_t width)
{
	size_t column = 0;

	for (const char *at = text; *at; at++) {
		unsigned char byte = (unsigned char)*at;
		cr_assert(byte == '\n' || (byte >= 0x20 && byte != 0x7f),
			  "byte %#x", byte);
		cr_assert(byte != 0xc2 || (unsigned char)at[1] >= 0xa0);
		column = byte == '\n' ? 0 : column + 1;
		cr_assert_leq(column, width, "%.*s", (int)column,
			      at - column + 1);
	}
}

Test(report, tells_all_that_is_known_of_a_loop)
{
	char *text = fixture_report(logtap_loops_report_text, fixture_loop());

	cr_assert_str_eq(
		text,
		"LOOP #1 CONFIRMED  L2 cross-thread  steady "
		"(G=1.0; k=1 record/export, B=1)\n"
		"  cycle : python3[4121] -> python3[4121] tid 4130 exporter -> "
		"stderr -> ring 7\n"
		"          -> logtap collector -> 127.0.0.1:4318\n"
		"          -> (records caused by send on tid 4130)\n"
		"  proof : canary 7f3a returned in 41 ms;\n"
		"          captures stop when the flush is held (2/2 trials)\n"
		"  began : 2026-11-22 09:48:43, found after 1.2 s;\n"
		"          8,964 records, 0 from application code since "
		"09:48:44\n"
		"  idle  : 2.2k exports/s while the application is silent;\n"
		"          records come 1.2 ms after an export\n"
		"  sample: urllib3.connectionpool DEBUG POST /v1/logs HTTP/1.1 "
		"200\n"
		"  stack : urlopen (urllib3/connectionpool.py:550) <- worker "
		"(opt/libapp.so)\n"
		"          <- thread_start\n"
		"  cost  : 2.2k records/s, 1.1 MB/s\n"
		"  fix   : exclude logger urllib3 in the application\n"
		"  now   : logtap loops break 1 [--rate 1/s | --drop] "
		"[--ttl 1h]   (not applied)\n");
	free(text);
}

Test(report, tells_what_breaks_it_and_how_to_end_that)
{
	json_t *loop = fixture_loop();
	json_t *broken = json_object_get(loop, "break");

	json_object_set_new(broken, "step", json_string("rate"));
	json_object_set_new(broken, "rate_per_second", json_real(0.5));
	json_object_set_new(broken, "suppressed", json_integer(12345));
	json_object_set_new(broken, "until_unix_ns",
			    json_integer(1795344523000000000));
	char *text = fixture_report(logtap_loops_report_text, loop);
	cr_assert_not_null(
		strstr(text,
		       "  now   : at most 0.5 of its records/s pass until "
		       "2026-11-22 10:48:43: 0 tagged, 12,345 suppressed\n"
		       "          its records: tid 4130, stack 1a2b\n"
		       "          logtap loops break 1 --off\n"),
		"%s", text);
	free(text);
}

Test(report, says_how_a_loop_without_proof_can_be_proven)
{
	json_t *loop = fixture_loop();

	json_object_set_new(loop, "proof", json_array());
	json_object_set_new(loop, "byte_gain", json_real(1.98));
	json_object_set_new(loop, "active", json_false());
	char *text = fixture_report(logtap_loops_report_text, loop);
	cr_assert_not_null(strstr(text, "`logtap loops probe 1'"), "%s", text);
	cr_assert_not_null(strstr(text, "B=1; byte gain 2.0), over\n"), "%s",
			   text);
	free(text);
}

Test(report, a_table_has_a_line_a_loop_and_names_its_thread)
{
	char *text = fixture_report(logtap_loops_report_table,
				    reply_of(fixture_loop()));

	cr_assert_str_eq(
		text,
		"  #  CONFIDENCE CLASS              MODE      GAIN     REC/S  "
		"IDLE/S      RECORDS  BREAK     WHERE\n"
		"  1  confirmed  L2 cross-thread    steady       1.0    2.2k   "
		" "
		"2.2k        8,964  -         python3[4121] tid 4130 "
		"exporter\n");
	free(text);
}

Test(report, what_is_not_measured_is_no_zero)
{
	json_t *loop = fixture_loop();
	json_object_set_new(loop, "gain", json_null());
	json_object_set_new(loop, "exported_records", json_null());
	char *text =
		fixture_report(logtap_loops_report_text, json_incref(loop));
	cr_assert_not_null(
		strstr(text, "steady (k=1 record/export, B not measured)\n"),
		"%s", text);
	free(text);
	json_object_set_new(loop, "records_per_export", json_null());
	json_object_set_new(loop, "byte_gain", json_real(1.4));
	json_object_set_new(loop, "unmeasured",
			    json_string("k and B are not measured: why"));
	text = fixture_report(logtap_loops_report_text, json_incref(loop));
	cr_assert_not_null(strstr(text, "steady (k and B not measured; "
					"byte gain 1.4)\n  gaps  : k "
					"and B are not measured: why\n"),
			   "%s", text);
	free(text);
	text = fixture_report(logtap_loops_report_table, reply_of(loop));
	cr_assert_not_null(strstr(text, "steady         -    2.2k"), "%s",
			   text);
	free(text);
}

static json_t *frame(const char *function)
{
	return json_pack("{s:s,s:s,s:i,s:s}", "function", function, "file", "",
			 "line", 0, "module", *function ? "" : "server");
}

Test(report, a_stack_is_short_and_ends_where_the_program_begins)
{
	json_t *loop = fixture_loop(), *stack = json_array();
	static const char *const functions[] = {
		"log_it", "", "", "", "", "run", "main", "__libc_start_main"};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		json_array_append_new(stack, frame(functions[i]));
	json_object_set_new(loop, "stack", stack);
	json_object_set_new(loop, "signs",
			    json_pack("[s,s]", "3 of 4 exports", "nothing"));
	json_object_set_new(loop, "records_per_second", json_null());
	char *text = fixture_report(logtap_loops_report_text, loop);
	cr_assert_not_null(strstr(text, "  stack : log_it <- 4 without a "
					"name (server) <- run <- main\n"),
			   "%s", text);
	cr_assert_not_null(strstr(text, "  signs : 3 of 4 exports; nothing\n"),
			   "%s", text);
	cr_assert_not_null(strstr(text, "  cost  : not measured yet\n"), "%s",
			   text);
	free(text);
}

Test(report, without_loops_the_table_says_so)
{
	char *text = fixture_report(logtap_loops_report_table,
				    json_pack("{s:s,s:[]}", "instance", "i",
					      "loops"));

	cr_assert_str_eq(text, "no loops found\n");
	free(text);
}

Test(report, no_text_of_a_program_steers_the_terminal)
{
	char *text = fixture_report(logtap_loops_report_text,
				    fixture_hostile_loop());

	/* a text that is longer than a line has one of its own */
	assert_plain(text, 560);
	cr_assert_not_null(strstr(text, "\\u001b]0;owned\\u0007"));
	cr_assert_null(strstr(text, "AAAA\n\n"));
	free(text);
	text = fixture_report(logtap_loops_report_table,
			      reply_of(fixture_hostile_loop()));
	assert_plain(text, 300);
	size_t lines = 0;
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	cr_assert_eq(lines, 2);
	free(text);
}

Test(report, of_nothing_is_no_crash_and_no_number_is_believed)
{
	static const char *const odd[] = {
		"{}",
		"[]",
		"null",
		"{'number':'x','cycle':{},'proof':[1,null],'stack':'s',"
		"'gain':[],'break':[]}",
		"{'number':1e300,'gain':-1e300,'began_unix_ns':1e300,"
		"'records':1e300,'records_per_second':1e300,"
		"'idle_since_unix_ns':-5,'lag_ms':1e300,'byte_gain':1e300,"
		"'proof':[{'kind':'intervention','trials':1e300}],"
		"'stack':[{'file':'f','line':1e300}],"
		"'break':{'step':'x','until_unix_ns':1e300}}",
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		char *text = strdup(odd[i]);
		for (char *at = text; *at; at++)
			if (*at == '\'')
				*at = '"';
		json_t *loop = json_loads(text, JSON_DECODE_ANY, NULL);
		cr_assert_not_null(loop, "%s", text);
		free(text);
		text = fixture_report(logtap_loops_report_text,
				      json_incref(loop));
		cr_assert_eq(strncmp(text, "LOOP #", 6), 0);
		free(text);
		free(fixture_report(logtap_loops_report_svg,
				    json_incref(loop)));
		free(fixture_report(logtap_loops_report_dot,
				    json_incref(loop)));
		free(fixture_report(logtap_loops_report_table, reply_of(loop)));
	}
}

Test(report, a_loop_is_found_by_its_number)
{
	json_t *reply = reply_of(fixture_loop());
	const json_t *found = logtap_loops_report_find(reply, 1);

	cr_assert_eq(found, json_array_get(json_object_get(reply, "loops"), 0));
	cr_assert_null(logtap_loops_report_find(reply, 2));
	json_decref(reply);
}
