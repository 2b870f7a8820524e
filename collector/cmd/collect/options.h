/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What `logtap collect' was told, by its command line, the environment and its
 * configuration file.  Main thread.
 */
#ifndef LOGTAP_CMD_COLLECT_OPTIONS_H
#define LOGTAP_CMD_COLLECT_OPTIONS_H

#include "../../base/options.h"
#include "../../export/otlp_config.h"
#include "../wishes.h"

/* Texts are borrowed, from the command line or the configuration. */
struct logtap_collect_options {
	const char *config; /* file, or NULL */
	const char *directory;
	const char *output;
	bool force;
	bool console;
	bool console_out; /* on standard output, not standard error */
	struct logtap_option_list otlp;
	long session_fd;	  /* 0: none */
	const char *otlp_metrics; /* URL; "": the environment's; NULL: as the
	                           * environment says */
	bool remove_directory;
	bool resume; /* the session had a collector before, which died */
	bool once;   /* deliver what is there, and end */
	uint64_t patience_ns; /* with files at the end; 0: the default */
	long journal_bytes;   /* 0: the default */
	long queue_bytes;     /* 0: the default */
	long line_max;	      /* 0: the default */
	const char *admin;    /* where to; NULL: no admin endpoint */
	const char *admin_token;
	long admin_records; /* negative: the default */
	long admin_bytes;
	const struct logtap_pair *attributes; /* of every resource; borrowed */
	size_t attribute_count;
	const char *sinks;	   /* "session" or "all"; NULL: all */
	const char *session_sinks; /* DEVICE:INODE,DEVICE:INODE; NULL: none */
	bool out;		   /* stdout is captured, too */
	struct logtap_wishes wishes;
};

/**
 * logtap_collect_options_parse() - read the command line, and say what is wrong
 *
 * @options shall be as LOGTAP_COLLECT_DEFAULTS.
 * Return: 0, or -1 with an exit status in @status: there is nothing to do.
 */
int logtap_collect_options_parse(int argc, char **argv,
				 struct logtap_collect_options *options,
				 int *status);
#define LOGTAP_COLLECT_DEFAULTS                        \
	{                                              \
		.admin_records = -1, .admin_bytes = -1 \
	}

/* Collects, until it is to end.  Return: an exit status. */
int logtap_collect_work(const struct logtap_collect_options *options);

/* Are they complete, each in itself usable?  Fills in what is left at its
 * default, and what @options->wishes mean.  Return: false after a message. */
bool logtap_collect_options_judge(struct logtap_collect_options *options,
				  struct logtap_meant *meant);

/* Would what was asked for feed back, or could it not work?
 * Return: false, with a whole text in @error. */
bool logtap_collect_check(const struct logtap_collect_options *options,
			  char *error, size_t error_bytes);
/* The configuration of where OTLP is to go, checked in the same way.  @url: an
 * empty one, and NULL, is the environment's.
 * Return: as logtap_otlp_config_init(). */
int logtap_collect_otlp_config(
	struct logtap_otlp_config *config,
	const struct logtap_collect_options *options, const char *url,
	const struct logtap_otlp_environment *environment, char *error,
	size_t error_bytes);

#endif
