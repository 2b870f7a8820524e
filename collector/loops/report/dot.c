/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A loop's cycle for dot(1): see report.h.  Any thread. */
#include "report.h"

#include "../../admin/logs.h"
#include "write.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void put_dot(struct logtap_report *to, const char *text)
{
	struct logtap_bytes plain = {0};

	if (!to->error)
		to->error = logtap_text_escape(&plain, text,
					       logtap_report_prefix(text, 200));
	logtap_report_print(to, "\"");
	for (size_t i = 0; !to->error && i < plain.size; i++)
		logtap_report_print(
			to, strchr("\"\\", plain.data[i]) ? "\\%c" : "%c",
			plain.data[i]);
	logtap_report_print(to, "\"");
	logtap_bytes_deinit(&plain);
}

/* What is measured, behind what closes it. */
static void put_closing(struct logtap_report *to, const json_t *loop)
{
	char figures[LOGTAP_REPORT_FIGURES_BYTES], label[1024];

	logtap_report_figures(loop, figures);
	snprintf(label, sizeof(label), "%.*s (%s)",
		 (int)logtap_report_prefix(logtap_report_string(loop, "closes"),
					   160),
		 logtap_report_string(loop, "closes"), figures);
	put_dot(to, label);
}

int logtap_loops_report_dot(const json_t *loop, struct logtap_bytes *out)
{
	struct logtap_report to = {.out = out};
	size_t steps = logtap_report_steps(loop);

	logtap_report_print(&to,
			    "digraph loop_%.0f {\n"
			    "\tnode [shape=box, fontname=monospace];\n"
			    "\tedge [fontname=monospace];\n",
			    logtap_report_number(loop, "number"));
	for (size_t i = 0; i < steps; i++) {
		logtap_report_print(&to, "\tstep_%zu [label=", i);
		put_dot(&to, logtap_report_step(loop, i));
		logtap_report_print(&to, "];\n");
	}
	for (size_t i = 0; i + 1 < steps; i++)
		logtap_report_print(&to, "\tstep_%zu -> step_%zu;\n", i, i + 1);
	if (steps) {
		logtap_report_print(
			&to,
			"\tstep_%zu -> step_0 [style=dashed, color=red, "
			"label=",
			steps - 1);
		put_closing(&to, loop);
		logtap_report_print(&to, "];\n");
	}
	logtap_report_print(&to, "}\n");
	return to.error;
}

static void put_node(struct logtap_report *to, const json_t *node)
{
	static const struct {
		const char *kind, *shape;
	} shapes[] = {{"process", "box3d"},
		      {"thread", "box"},
		      {"stream", "note"},
		      {"endpoint", "ellipse"},
		      {"collector", "hexagon"}};
	const char *kind = logtap_report_string(node, "kind");
	size_t i = 0;

	while (i + 1 < sizeof(shapes) / sizeof(shapes[0]) &&
	       strcmp(shapes[i].kind, kind) != 0)
		i++;
	logtap_report_print(to, "\t");
	put_dot(to, logtap_report_string(node, "id"));
	logtap_report_print(to, " [shape=%s, label=", shapes[i].shape);
	put_dot(to, logtap_report_string(node, "text"));
	logtap_report_print(to, "];\n");
}

static void put_edge(struct logtap_report *to, const json_t *edge)
{
	struct logtap_report_scratch count;
	const char *kind = logtap_report_string(edge, "kind");
	bool loop = json_is_integer(json_object_get(edge, "loop"));
	char figures[LOGTAP_REPORT_FIGURES_BYTES], label[320];

	logtap_report_print(to, "\t");
	put_dot(to, logtap_report_string(edge, "from"));
	logtap_report_print(to, " -> ");
	put_dot(to, logtap_report_string(edge, "to"));
	logtap_report_count(logtap_report_number(edge, "count"), &count);
	logtap_report_figures(edge, figures);
	if (loop)
		snprintf(label, sizeof(label), "%.100s (%s)",
			 logtap_report_string(edge, "text"), figures);
	else
		snprintf(label, sizeof(label), "%.40s%s%s", kind,
			 strcmp(kind, "has") != 0 ? " " : "",
			 strcmp(kind, "has") != 0 ? count.text : "");
	logtap_report_print(to, loop ? " [style=dashed, color=red, label="
				     : " [label=");
	put_dot(to, label);
	logtap_report_print(to, "];\n");
}

int logtap_loops_report_graph(const json_t *reply, struct logtap_bytes *out)
{
	struct logtap_report to = {.out = out};
	const json_t *graph = json_object_get(reply, "graph"), *item;
	size_t i;

	logtap_report_print(&to, "digraph logtap {\n"
				 "\tnode [fontname=monospace];\n"
				 "\tedge [fontname=monospace];\n");
	json_array_foreach(json_object_get(graph, "nodes"), i, item)
	{
		put_node(&to, item);
	}
	json_array_foreach(json_object_get(graph, "edges"), i, item)
	{
		put_edge(&to, item);
	}
	logtap_report_print(&to, "}\n");
	return to.error;
}
