/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What may be wanted of records beyond having them: options that `logtap run'
 * and `logtap collect' take alike.  Main thread.
 */
#ifndef LOGTAP_CMD_WISHES_H
#define LOGTAP_CMD_WISHES_H

#include "../base/options.h"
#include "../intake/levels.h"

/* Texts are borrowed; NULL: not given. */
struct logtap_wishes {
	const char *level;  /* thresholds of events */
	const char *stacks; /* with records of at least that severity */
	const char *loops;  /* "", "observe" or "probe" */
};

/* Entries of a table of logtap_option into @wishes, a member of @type. */
#define LOGTAP_WISHES_OPTIONS(type, wishes)                                   \
	{"level",                                                             \
	 0,                                                                   \
	 LOGTAP_OPTION_TEXT,                                                  \
	 offsetof(type, wishes.level),                                        \
	 "LEVELS",                                                            \
	 "let events of programs pass by their severity, as in\n"             \
	 "info,h2=off (logtap level changes it later)"},                      \
		{"stacks",                                                    \
		 0,                                                           \
		 LOGTAP_OPTION_TEXT,                                          \
		 offsetof(type, wishes.stacks),                               \
		 "LEVEL",                                                     \
		 "say where in its program a record of at least this\n"       \
		 "severity came from (trace: also what has none)"},           \
	{                                                                     \
		"loops", 0, LOGTAP_OPTION_OPTIONAL,                           \
			offsetof(type, wishes.loops), "HOW",                  \
			"look for feedback: records that are caused by the\n" \
			"delivery of records; HOW: observe (as without it)\n" \
			"or probe, which may hold deliveries for a moment"    \
	}

/* What they mean.  What was not wanted is not set. */
struct logtap_meant {
	struct logtap_levels levels;
	uint32_t stack_level;
};

enum { LOGTAP_WISHES_WHY_BYTES = 256 };

/* Return: NULL, or the option that is wrong and @why. */
const char *logtap_wishes_read(const struct logtap_wishes *wishes,
			       struct logtap_meant *meant, char *why,
			       size_t why_bytes);
/* The same.  Return: false, after a message of @usage's command. */
bool logtap_wishes_check(const struct logtap_wishes *wishes,
			 const struct logtap_usage *usage,
			 struct logtap_meant *meant);

#endif
