/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is captured besides standard error and syslog, and which standard error
 * is the session's: in the words of the environment that the library reads.
 */
#ifndef LOGTAP_RUN_CHANNELS_H
#define LOGTAP_RUN_CHANNELS_H

#include "../base/options.h"
#include "variables.h"

enum { LOGTAP_SESSION_SINKS_BYTES = 4 * 20 + 4 };

/* DEVICE:INODE,DEVICE:INODE of our standard error and output.  @closed: a bit
 * for each descriptor that was closed when we started: 0:0. */
void logtap_channels_session(char out[LOGTAP_SESSION_SINKS_BYTES],
			     unsigned closed);

struct logtap_channels {
	bool out;			  /* capture stdout, too */
	struct logtap_option_list *files; /* patterns of log files */
	const char *session;		  /* of logtap_channels_session() */
};

/**
 * logtap_channels_set() - put them into a program's environment
 *
 * Patterns that do not begin with a slash are of the working directory.
 *
 * Return: 0, -ENOMEM, or -E2BIG if the patterns are longer than the library
 * takes.
 */
int logtap_channels_set(struct logtap_variables *environment,
			const struct logtap_channels *channels);

/* Is the file, which need not be there, one of LOGTAP_FILES' @patterns? */
bool logtap_channels_match(const char *patterns, const char *path);
/* The same of a program's environment. */
bool logtap_channels_have_file(const struct logtap_variables *environment,
			       const char *path);
/* Does the environment ask for stdout? */
bool logtap_channels_have_out(const struct logtap_variables *environment);

#endif
