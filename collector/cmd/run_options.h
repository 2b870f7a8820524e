/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The options of logtap run.  Main thread.
 */
#ifndef LOGTAP_CMD_RUN_OPTIONS_H
#define LOGTAP_CMD_RUN_OPTIONS_H

#include "../base/options.h"
#include "wishes.h"

#include <stdbool.h>

/* Texts belong to the command line or are static; NULL: not given. */
struct logtap_run_options {
	bool quiet;
	const char *output;
	bool force;
	bool divert;
	bool out;
	bool deep;
	const char *sinks;
	struct logtap_option_list files;
	struct logtap_option_list otlp;
	struct logtap_option_list exclude;
	const char *admin;
	const char *admin_token;
	const char *otlp_metrics;
	struct logtap_wishes wishes;
	bool fail_on_loop;
};

/**
 * logtap_run_options_parse() - read and check them, and say what is wrong
 * @first: the index of CMD in @argv
 *
 * @options shall be zero.  What one option implies for others is filled in.
 * Return: 0, or -1 with an exit status in @status: nothing is to be run.
 */
int logtap_run_options_parse(int argc, char **argv,
			     struct logtap_run_options *options, int *first,
			     int *status);

#endif
