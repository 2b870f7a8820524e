/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The cycle of a loop for dot(1) and as a picture. */
#include "report_fixture.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
		count++;
	return count;
}

Test(graph, dot_has_each_step_once_and_an_edge_back)
{
	char *text = fixture_report(logtap_loops_report_dot, fixture_loop());

	cr_assert_eq(strncmp(text, "digraph loop_1 {\n", 17), 0, "%s", text);
	cr_assert_eq(count_of(text, "step_3 [label=\"ring 7\"];"), 1, "%s",
		     text);
	cr_assert_eq(count_of(text, " -> "), 6, "%s", text);
	cr_assert_not_null(strstr(text,
				  "step_5 -> step_0 [style=dashed, color=red, "
				  "label=\"records caused by send on tid 4130 "
				  "(G=1.0; k=1 record/export, B=1)\"];"),
			   "%s", text);
	free(text);
}

Test(graph, dot_of_everything_has_its_nodes_and_what_edges_carry)
{
	json_t *reply = json_pack(
		"{s:{s:[{s:s,s:s,s:s},{s:s,s:s,s:s}],s:[{s:s,s:s,s:s,s:s,s:i},"
		"{s:s,s:s,s:s,s:s,s:i,s:i,s:f}]}}",
		"graph", "nodes", "id", "a\"b", "kind", "process", "text",
		"x\ny", "id", "c", "kind", "endpoint", "text", "1.2.3.4:5",
		"edges", "from", "a\"b", "to", "c", "kind", "exports", "text",
		"", "count", 1234, "from", "c", "to", "a\"b", "kind", "causes",
		"text", "loop 1", "count", 5, "loop", 1, "records_per_export",
		2.0);
	cr_assert_not_null(reply);
	char *text = fixture_report(logtap_loops_report_graph, reply);
	cr_assert_not_null(
		strstr(text,
		       "\t\"a\\\"b\" -> \"c\" [label=\"exports 1,234\"];\n"),
		"%s", text);
	cr_assert_not_null(strstr(text, "color=red, label=\"loop 1 (k=2 "
					"records/export, B not measured)\"];"),
			   "%s", text);
	cr_assert_not_null(strstr(text, "[shape=ellipse, label=\"1.2.3.4:5\"]"),
			   "%s", text);
	cr_assert_null(strstr(text, "x\ny"), "%s", text);
	free(text);
}

/* Outside of quotes there is our own syntax and nothing else. */
Test(graph, no_text_gets_out_of_its_quotes_in_dot)
{
	char *text =
		fixture_report(logtap_loops_report_dot, fixture_hostile_loop());
	bool quoted = false;

	for (const char *at = text; *at; at++) {
		cr_assert(*at == '\n' || *at == '\t' ||
			  (unsigned char)*at >= ' ');
		if (quoted && *at == '\\')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted)
			cr_assert_null(
				strchr("<>&A'", *at) && *at != '>' ? at : NULL,
				"%s", at);
	}
	cr_assert_not(quoted);
	free(text);
}

/* A reader of XML that knows as much of it as the picture needs. */
static void assert_xml(const char *text)
{
	char open[16][16];
	size_t depth = 0;

	for (const char *at = text; *at;) {
		char name[16] = "";
		if (*at != '<') {
			cr_assert(*at != '&' || !strncmp(at, "&amp;", 5) ||
					  !strncmp(at, "&lt;", 4) ||
					  !strncmp(at, "&gt;", 4) ||
					  !strncmp(at, "&quot;", 6),
				  "%.20s", at);
			cr_assert(*at == '\n' || (unsigned char)*at >= ' ');
			cr_assert_neq(strncmp(at, "\xef\xbf\xbf", 3), 0);
			at++;
			continue;
		}
		const char *end = strchr(at, '>');
		cr_assert_not_null(end);
		bool closes = at[1] == '/', empty = end[-1] == '/';
		cr_assert_eq(sscanf(at + 1 + closes, "%15[a-z]", name), 1,
			     "%.40s", at);
		if (closes) {
			cr_assert_gt(depth, 0);
			cr_assert_str_eq(open[--depth], name);
		} else if (!empty) {
			cr_assert_lt(depth, 16);
			strcpy(open[depth++], name);
		}
		at = end + 1;
	}
	cr_assert_eq(depth, 0);
}

Test(graph, a_picture_has_a_box_a_step_and_arrows_in_a_ring)
{
	char *text = fixture_report(logtap_loops_report_svg, fixture_loop());

	assert_xml(text);
	/* one is the background */
	cr_assert_eq(count_of(text, "<rect "), 7);
	/* one is the tip of an arrow */
	cr_assert_eq(count_of(text, "<path"), 7);
	cr_assert_eq(count_of(text, "class=\"closing\""), 1);
	cr_assert_not_null(strstr(text, ">ring 7</text>"), "%s", text);
	cr_assert_not_null(strstr(text, ">logtap collector</text>"));
	free(text);
}

Test(graph, no_text_is_markup_in_a_picture)
{
	char *text =
		fixture_report(logtap_loops_report_svg, fixture_hostile_loop());

	assert_xml(text);
	cr_assert_null(strstr(text, "<script"));
	cr_assert_eq(count_of(text, "<rect "), 7);
	free(text);
}

struct box {
	double x, y;
};

Test(graph, boxes_do_not_touch_however_many_there_are)
{
	for (size_t steps = 1; steps <= 80; steps++) {
		json_t *loop = fixture_loop();
		json_t *cycle = json_object_get(loop, "cycle");
		struct box boxes[64];
		size_t count = 0;
		while (json_array_size(cycle) < steps)
			json_array_append(cycle, json_array_get(cycle, 0));
		while (json_array_size(cycle) > steps)
			json_array_remove(cycle, 0);
		char *text = fixture_report(logtap_loops_report_svg, loop);
		for (const char *at = text; (at = strstr(at, "<rect x="));
		     at++, count++)
			cr_assert_eq(sscanf(at, "<rect x=\"%lf\" y=\"%lf\"",
					    &boxes[count].x, &boxes[count].y),
				     2);
		cr_assert_eq(count, steps < 64 ? steps : 64);
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < i; j++) {
				double x = boxes[i].x - boxes[j].x;
				double y = boxes[i].y - boxes[j].y;
				cr_assert(x > 208 || x < -208 || y > 60 ||
						  y < -60,
					  "%zu steps: %zu and %zu", steps, i,
					  j);
			}
		free(text);
	}
}
