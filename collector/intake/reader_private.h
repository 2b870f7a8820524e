/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's insides: shared by reader.c, round.c and drain.c alone. */
#ifndef LOGTAP_INTAKE_READER_PRIVATE_H
#define LOGTAP_INTAKE_READER_PRIVATE_H

#include "intake.h"
#include "reader.h"

#include <pthread.h>

struct logtap_reader {
	struct logtap_intake intake;
	int wake_fd; /* ours to write */
	int call_fd; /* eventfd: others call the thread */
	pthread_t thread;
	bool has_thread;
	_Atomic bool stop;
	_Atomic uint64_t drain_wanted;
	_Atomic uint64_t drain_grace_ns;
	_Atomic uint64_t drain_done;
	_Atomic uint64_t live_processes;
	unsigned starting_looks; /* the last drains saw but such as start */
	uint64_t told; /* the journal's end when we last woke someone */
	uint64_t told_ns;
	uint64_t beat_ns;
	uint64_t second_ns;
	uint64_t scan_ns;
	uint64_t deaf_until_ns; /* files that are made do not wake us */
};

/* Is it time again?  Times are multiples of the interval, so that what is rare
 * happens at once and the thread sleeps in between. */
bool logtap_reader_due(uint64_t *last_ns, uint64_t now_ns,
		       uint64_t interval_ns);
#define LOGTAP_BEAT_NS (200 * LOGTAP_MS_NS)

/* Wakes whoever reads the journal, @at_once or when it is worth it. */
void logtap_reader_tell(struct logtap_reader *reader, bool at_once);
/* Adds one to an eventfd. */
void logtap_reader_signal(int fd);

/* drain.c: does what logtap_reader_drain() has asked for. */
void logtap_reader_do_drain(struct logtap_reader *reader, uint64_t number);

#endif
