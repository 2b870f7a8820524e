/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The sidecar: `logtap collect` in the background of one session.
 *
 * The two talk over a socket, one JSON object a line:
 *
 *     sidecar -> run  {"ready":true}         its outputs are open
 *                     {"error":"TEXT"}       they are not; it ends.  With
 *                                            "uncaptured":true the program can
 *                                            be started without capture
 *     run -> sidecar  {"finish":true}        the program has ended
 *     sidecar -> run  {"summary":{...}}      all that it left is delivered
 *
 * The end of the socket means to the sidecar that run has ended; to run, that
 * the sidecar has, and that it takes another one to go on (restart.c).
 */
#ifndef LOGTAP_RUN_SIDECAR_H
#define LOGTAP_RUN_SIDECAR_H

#include "../base/bytes.h"
#include "../base/options.h"

#include <jansson.h>
#include <sys/types.h>

#define LOGTAP_SIDECAR_LOG "collector.log"

struct logtap_sidecar {
	pid_t pid; /* -1: none */
	int fd;
	bool ended; /* reaped */
	int status; /* of waitpid, once ended */
	struct logtap_bytes input;
};

struct logtap_sidecar_options {
	const char *directory;
	const char *output; /* NULL: none */
	bool overwrite;
	bool resume;		   /* an earlier one of this session has died */
	const char *sinks;	   /* "session" or "all" */
	const char *session_sinks; /* what they are: run/streams.h */
	bool out;		   /* stdout is captured, too */
	const char *admin;	   /* its endpoint; NULL: none, "": a socket
	                            * in @directory */
	const char *admin_token;   /* or NULL */
	const char *otlp_metrics;  /* URL, or NULL */
	const char *stacks;	   /* with what severity; NULL: none */
	const char *loops;	   /* how to look for them; NULL: do not */
	const struct logtap_option_list *otlp; /* URLs; "": the environment's */
};

/* Return: 0 or -errno; @sidecar->pid is -1 then. */
int logtap_sidecar_start(struct logtap_sidecar *sidecar,
			 const struct logtap_sidecar_options *options);
void logtap_sidecar_close(struct logtap_sidecar *sidecar);

enum {
	LOGTAP_SIDECAR_LATER = 1, /* nothing complete has arrived */
	LOGTAP_SIDECAR_END = 2,	  /* nothing will arrive any more */
};
/* The next message; never blocks.  Return: 0 and a new reference in @message,
 * or one of the above. */
int logtap_sidecar_read(struct logtap_sidecar *sidecar, json_t **message);
/* The program has ended: {"finish":true}, and what is known of it. */
void logtap_sidecar_finish(struct logtap_sidecar *sidecar,
			   const json_t *message);
/* Collects its exit status if it has ended.  Return: whether it has. */
bool logtap_sidecar_reap(struct logtap_sidecar *sidecar, bool block);

#endif
