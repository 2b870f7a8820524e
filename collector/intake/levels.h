/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Thresholds of events, as the collector tells them to programs by their
 * control pages: "info,h2=off" is SEVERITY for all targets and PREFIX=SEVERITY
 * for those that begin so; the longest prefix wins.
 */
#ifndef LOGTAP_INTAKE_LEVELS_H
#define LOGTAP_INTAKE_LEVELS_H

#include <logtap/abi/control.h>
#include <stdbool.h>

/* A file in the directory of the segments, root's or the collector's user's
 * own: its first line is in force as long as it is there. */
#define LOGTAP_LEVEL_NAME "level"
#define LOGTAP_LEVEL_BYTES 4096

struct logtap_levels {
	uint32_t general; /* lowest severity number that passes; 0: all */
	uint32_t count;
	struct logtap_directive directives[LOGTAP_CONTROL_DIRECTIVES];
};

/**
 * logtap_levels_parse() - read a list of thresholds
 * @text: as above; ends at a NUL or a line end; empty: everything passes
 * @why:  what is wrong with which part, when it fails
 * Return: false if a part cannot be understood; then *@out is unchanged.
 */
bool logtap_levels_parse(const char *text, struct logtap_levels *out, char *why,
			 size_t why_bytes);

/* One severity, without a prefix.  Return: false if it is none. */
bool logtap_levels_parse_one(const char *text, uint32_t *severity);

/* Writes them to a control page. */
void logtap_levels_store(const struct logtap_levels *levels,
			 struct logtap_control *control);
/* Programs go by their own LOGTAP_LEVEL again. */
void logtap_levels_withdraw(struct logtap_control *control);

#endif
