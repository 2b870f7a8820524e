/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Loops for people: a table, a report, a drawing.  Out of the JSON that a
 * collector tells of its loops ({"instance": ..., "loops": [...]}), which may
 * have come over a network: what is missing or of another type is left out.
 *
 * Any text in it may be of a program's choosing; what a terminal, a reader of
 * XML or one of DOT would obey does not go out as such.
 *
 * Pure functions, any thread.  They append, and return 0, or -ENOMEM with a
 * part in @out.
 */
#ifndef LOGTAP_LOOPS_REPORT_H
#define LOGTAP_LOOPS_REPORT_H

#include "../../base/bytes.h"

#include <jansson.h>

/* A line for each of the loops of @reply, below a heading; one that says so if
 * there are none. */
int logtap_loops_report_table(const json_t *reply, struct logtap_bytes *out);
/* All that is known of one of them. */
int logtap_loops_report_text(const json_t *loop, struct logtap_bytes *out);
/* Its cycle, for dot(1) of Graphviz, and as a picture. */
int logtap_loops_report_dot(const json_t *loop, struct logtap_bytes *out);
/* All that writes, exports and receives, for dot(1); @reply: of /loops. */
int logtap_loops_report_graph(const json_t *reply, struct logtap_bytes *out);
int logtap_loops_report_svg(const json_t *loop, struct logtap_bytes *out);

/* The loop of that number, borrowed, or NULL. */
const json_t *logtap_loops_report_find(const json_t *reply,
				       unsigned long long number);

#endif
