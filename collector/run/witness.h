/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The witness: tells signals that were sent to the whole process group from
 * signals that were sent to us alone.
 *
 * A signal itself does not tell.  So there is a process in the same group that
 * blocks every signal and takes one only when it is asked: what is pending
 * there as well was sent to the group.
 */
#ifndef LOGTAP_RUN_WITNESS_H
#define LOGTAP_RUN_WITNESS_H

#include <stdbool.h>
#include <sys/types.h>

struct logtap_witness {
	pid_t pid; /* -1: none */
	int fd;
};

/* All signals must be blocked.  Without success there is none, and nothing
 * is known of any signal. */
void logtap_witness_start(struct logtap_witness *witness);
void logtap_witness_end(struct logtap_witness *witness);

/* Positive results of logtap_witness_saw(). */
enum { LOGTAP_WITNESS_UNKNOWN = 1 };
/* Was @number, which we have just taken, sent to the group?  Return: 0 and the
 * answer in @group, or LOGTAP_WITNESS_UNKNOWN. */
int logtap_witness_saw(struct logtap_witness *witness, int number, bool *group);

#endif
