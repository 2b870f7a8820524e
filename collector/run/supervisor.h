/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The state of a supervised session; private to supervise.c, attend.c, dialogue.c
 * and restart.c.
 */
#ifndef LOGTAP_RUN_SUPERVISOR_H
#define LOGTAP_RUN_SUPERVISOR_H

#include "meter.h"
#include "relay.h"
#include "remains.h"
#include "session.h"

#include <limits.h>

struct logtap_supervisor {
	const struct logtap_session *session;
	struct logtap_signals signals;
	struct logtap_child child;
	struct logtap_sidecar sidecar;
	struct logtap_sidecar_options options; /* of the sidecar */
	long long started_ms;		       /* the sidecar */
	long long restart_ms; /* when to start the next one; 0: not */
	unsigned restarts;
	unsigned failures; /* of these, sidecars that died soon */
	bool attended;	   /* a sidecar that dies is to be replaced */
	struct logtap_relay relay;
	struct logtap_meter meter;
	struct logtap_remains remains; /* of other sessions */
	char output[PATH_MAX];
	bool default_output;
	bool elsewhere; /* its directory was made for it */
	bool ended;	/* the program */
	bool executed;	/* it was there, and could be */
	siginfo_t exit; /* how, once it has */
	bool hurried;	/* a signal asks us not to wait for delivery */
	bool looped;	/* feedback is likely */
	bool untold;	/* nobody knows: there was no summary */
};

enum logtap_readiness {
	LOGTAP_READY,
	LOGTAP_READY_UNCAPTURED, /* the program can run without capture; said */
	LOGTAP_READY_FAILED,	 /* said */
};

/* Waits for a message of the sidecar or a signal, which it handles.
 * @deadline_ms: of logtap_supervisor_now_ms().  Return: false: it has passed. */
bool logtap_supervisor_wait(struct logtap_supervisor *supervisor,
			    long long deadline_ms);
long long logtap_supervisor_now_ms(void);
/* Passes signals on, and replaces the sidecar, until the program has ended. */
void logtap_supervisor_attend(struct logtap_supervisor *supervisor);

/* Says that there is no capture, for @why, and what becomes of the program.
 * @error: an errno value, whose limits are named; 0: not known. */
enum logtap_readiness logtap_supervisor_unready(
	const struct logtap_supervisor *supervisor, const char *where,
	const char *why, int error);

/* Starts the sidecar and waits until it is ready to capture. */
enum logtap_readiness logtap_dialogue_begin(
	struct logtap_supervisor *supervisor);
/* While the program runs: reads what the sidecar says, and starts another one
 * when it has died. */
void logtap_restart_watch(struct logtap_supervisor *supervisor);
/* How long poll(2) may wait for the next watch; -1: for ever. */
int logtap_restart_wait_ms(const struct logtap_supervisor *supervisor);
/* The sidecar has closed its socket: starts another one at once.  Return:
 * false if that is of no use. */
bool logtap_restart_now(struct logtap_supervisor *supervisor);

/* Lets it deliver what is left, and prints its summary if @tell. */
void logtap_dialogue_end(struct logtap_supervisor *supervisor, bool tell);
/* Ends a sidecar that is not needed, and removes the directory. */
void logtap_dialogue_drop(struct logtap_supervisor *supervisor);

#endif
