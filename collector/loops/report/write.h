/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Writing reports: what the report's files share.  Not for others.  The first
 * error stays, and later calls do nothing.  Any thread.
 */
#ifndef LOGTAP_LOOPS_REPORT_WRITE_H
#define LOGTAP_LOOPS_REPORT_WRITE_H

#include "../../base/bytes.h"

#include <jansson.h>

enum { LOGTAP_REPORT_WIDTH = 78 };

struct logtap_report {
	struct logtap_bytes *out;
	size_t column; /* characters in the line so far */
	int error;
};

/* Formatted; without texts of others. */
__attribute__((format(printf, 2, 3))) void logtap_report_print(
	struct logtap_report *to, const char *format, ...);
/* A text of others, for a terminal: at most @most characters of it. */
void logtap_report_text(struct logtap_report *to, const char *text,
			size_t most);
/* An item of a list that is broken into lines: @text, and @end of our own,
 * behind @separator, which begins the next line, indented, when this one is
 * full. */
void logtap_report_item(struct logtap_report *to, const char *separator,
			const char *text, const char *end);

/* Values of an object; 0, "" and NULL when they are not there. */
double logtap_report_number(const json_t *object, const char *key);
const char *logtap_report_string(const json_t *object, const char *key);

/* Of a cycle no more is drawn than LOGTAP_REPORT_STEPS_MAX steps. */
enum { LOGTAP_REPORT_STEPS_MAX = 64 };
size_t logtap_report_steps(const json_t *loop);
const char *logtap_report_step(const json_t *loop, size_t index);

struct logtap_report_scratch {
	char text[48];
};
/* "2.2k", "17", "0.5" */
const char *logtap_report_quantity(double value,
				   struct logtap_report_scratch *scratch);
/* "1.1 MB" */
const char *logtap_report_bytes(double value,
				struct logtap_report_scratch *scratch);
/* "8,964" */
const char *logtap_report_count(double value,
				struct logtap_report_scratch *scratch);
/* "41 ms", "3.2 s" */
const char *logtap_report_time(double ms,
			       struct logtap_report_scratch *scratch);
/* strftime(3) of the local time; "" for 0. */
const char *logtap_report_clock(double unix_ns, const char *format,
				struct logtap_report_scratch *scratch);
/* "1.0", "0.04", "120" */
const char *logtap_report_ratio(double value,
				struct logtap_report_scratch *scratch);

/* "G=1.0; k=1 record/export, B=1"; says what is not measured. */
enum { LOGTAP_REPORT_FIGURES_BYTES = 160 };
void logtap_report_figures(const json_t *loop,
			   char out[LOGTAP_REPORT_FIGURES_BYTES]);

/* The line of its stack, if one is known. */
void logtap_report_stack(struct logtap_report *to, const json_t *loop);

/* The line of its Python functions, or why they are not known. */
void logtap_report_python(struct logtap_report *to, const json_t *loop);

/* The folder and the name: enough to find it, and short. */
const char *logtap_report_end_of(const char *path);

/* Characters of a text in UTF-8. */
size_t logtap_report_characters(const char *text, size_t bytes);
/* Bytes of the first @most of them. */
size_t logtap_report_prefix(const char *text, size_t most);

#endif
