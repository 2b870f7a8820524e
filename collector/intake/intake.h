/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Intake: everything between the segment files and the journal, shared by the
 * parts of this wing that run in the reader's thread.  Segments and slots are in
 * slots.h, what they do at the start, at the end and beside records in restore.h,
 * ends.h, hosts.h and notes.h.  Not for other wings: those use reader.h.
 *
 * Nothing here is thread-safe; the reader's thread owns it all.
 */
#ifndef LOGTAP_INTAKE_INTAKE_H
#define LOGTAP_INTAKE_INTAKE_H

#include "../registry/user_metrics.h"
#include "asks.h"
#include "clock.h"
#include "disarm.h"
#include "journal.h"
#include "levels.h"
#include "owners.h"
#include "ring.h"
#include "ring_map.h"
#include "segment.h"
#include "slots.h"

#include <time.h>

#define LOGTAP_MS_NS UINT64_C(1000000)
#define LOGTAP_SECOND_NS UINT64_C(1000000000)

/* A process that made a file its stderr: chosen.c. */
enum { LOGTAP_CHOICES = 64 };
struct logtap_choice {
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t device;
	uint64_t inode;
};

/* What tells a thread from all others: order.c. */
struct logtap_thread_key {
	uint32_t pid;
	uint32_t tid;
	uint32_t uid;
	uint64_t start;
	uint64_t start_ticks;
};

/* A slot that was drained and freed before the one was open that its thread had
 * gone on to: order.c. */
enum { LOGTAP_LEFT_SLOTS = 256 };
struct logtap_left_slot {
	struct logtap_thread_key thread;
	uint32_t next[2]; /* sequence numbers that the next may begin with */
};

struct logtap_restored_segment; /* restore.h */
struct logtap_restored_pending;
struct logtap_stranger; /* strangers.c */
struct logtap_unopened; /* unopened.h */
struct logtap_watch;	/* close.c */
struct logtap_mapped_files;

struct logtap_intake {
	uint32_t pid;			/* the collector's own */
	int dir_fd;			/* borrowed */
	bool descendants;		/* all hosts are ours: none can hide */
	struct logtap_journal *journal; /* borrowed */
	struct logtap_accounting *accounting; /* borrowed */
	struct logtap_asks *asks;	      /* borrowed; or NULL */
	uint64_t asks_version;		      /* that all hosts were told */
	struct logtap_user_metrics *metrics;  /* borrowed; NULL: not kept */
	struct logtap_clock_history clock;
	struct logtap_window windows[2];   /* for main and nested rings */
	struct logtap_ring_maps ring_maps; /* of main rings */
	uint64_t now_ns;		   /* CLOCK_MONOTONIC of this round */
	bool in_any_order; /* no slot waits for an earlier one */
	bool started;	   /* the journal has a file of ours */
	struct logtap_disarm_found disarmed[LOGTAP_DISARM_PLACES];
	const struct logtap_levels *given_levels; /* borrowed; NULL: none */
	struct logtap_levels levels; /* in force if they are @levels_set */
	bool levels_set;
	uint32_t levels_version;   /* rises with each change */
	struct logtap_level_file { /* as it was read last */
		bool there;
		ino_t inode;
		struct timespec changed;
	} level_file;
	bool full; /* the journal took no more */
	bool directory_gone;
	bool full_told;	     /* and that was logged */
	bool memory_told;    /* that it is not in the directory */
	uint64_t memory_ns;  /* the last append there */
	uint64_t refusals;   /* appends for which it had no room, ever */
	uint64_t refused_ns; /* the last of them; 0: none */
	uint64_t appended;   /* frames, ever */

	struct logtap_intake_segment **segments;
	uint64_t *due_ns; /* of each: its next visit, CLOCK_MONOTONIC */
	size_t segment_count;
	struct logtap_owners owners; /* of them */
	size_t segment_room;
	uint64_t next_key;

	struct logtap_restored_segment *restored;
	size_t restored_count;
	size_t restored_room;
	struct logtap_restored_pending *pending; /* while it is restored */
	size_t pending_count;
	size_t pending_room;

	struct logtap_choice choices[LOGTAP_CHOICES]; /* the last ones */
	size_t choice_count;			      /* ever */

	struct logtap_left_slot left_slots[LOGTAP_LEFT_SLOTS]; /* the last */
	size_t left_slot_count;				       /* ever */

	uint32_t supervisor; /* its descendants are the session */
	struct logtap_stranger *strangers;
	uint64_t strangers_due_ns; /* not to be looked for before */
	size_t stranger_count;
	_Atomic uint64_t strangers_told; /* ever */
	_Atomic uint64_t incomplete; /* processes with a mechanism missing */
	_Atomic uint64_t
		programs; /* that were started and cannot be captured */

	int beat_fd;	/* of LOGTAP_BEAT_NAME; -1: not there */
	bool beat_told; /* that it cannot be written */
	unsigned beats;
	bool counter_is_clock; /* of the kernel, when last asked */
	int inotify_fd;
	bool notified; /* inotify has something to tell, or may have */
	bool rescan;   /* the directory is to be read */
	int lack;      /* errno of why no more segments can be opened; 0 */
	_Atomic uint64_t quarantined; /* files refused or cut short, ever */
	struct logtap_unopened *unopened;
	size_t unopened_count;
	size_t young_count;	  /* of them, those that may be open soon */
	_Atomic uint64_t foreign; /* and those that another version reads */
	size_t unopened_room;

	struct logtap_mapped_files *mapped; /* of this sweep; NULL: not read */
	uint64_t mapped_ns;		    /* when it was read */
	uint64_t mapped_due_ns;		    /* not to be read before */
	bool sweeps_all;		    /* this sweep asks for all */
	uint64_t sweeps;
	size_t ask_marked; /* whose turn it is, in the order of segments */
	size_t ask_unmarked;
	struct logtap_watch *watches; /* creators whose segment is gone */
	size_t watch_count;
	size_t watch_room;
	uint64_t pid_namespace; /* its inode; 0: unknown */
	bool sees_all; /* our /proc shows every process that can be a host */
};

/* state.c: frames, and the head of each journal file. */

/* Appends; rotates first when it is time.  Return: 0, LOGTAP_JOURNAL_FULL, or
 * -errno; both were logged. */
int logtap_intake_append(struct logtap_intake *intake,
			 struct logtap_frame *frame, const void *payload,
			 uint32_t bytes);
/* Makes sure that the journal knows the segment, and the slot unless it is
 * LOGTAP_NO_SLOT. */
#define LOGTAP_NO_SLOT UINT32_MAX
int logtap_intake_introduce(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment,
			    uint32_t slot);
/* Begins a journal file if it is time, or if @force. */
int logtap_intake_rotate(struct logtap_intake *intake, bool idle, bool force);
/* The same outside of the directory. */
int logtap_intake_begin_in_memory(struct logtap_intake *intake);

/* room.c */

/* The journal found no room: another file may have some.  Return: try again. */
bool logtap_room_make(struct logtap_intake *intake);
/* What an append has come to: counts it, and logs each change of state. */
void logtap_room_tell(struct logtap_intake *intake, int result);
/* Was there none lately? */
bool logtap_room_is_short(const struct logtap_intake *intake);
/* Sets memory aside for the journal's next file. */
void logtap_room_reserve(struct logtap_intake *intake);

/* directory.c */

/* Is the directory still there?  Logs it once if not. */
void logtap_directory_look(struct logtap_intake *intake);

/* schedule.c */

#define LOGTAP_DELAY_LEAST_NS (LOGTAP_MS_NS / 10)

/* Visits the segments whose time has come, or @all. */
void logtap_schedule_visit(struct logtap_intake *intake, bool all);
/* When the next one is due; UINT64_MAX: never. */
uint64_t logtap_schedule_due(const struct logtap_intake *intake);
/* Brings the accounts up to date with what hosts have counted, of those where
 * something happened in the last second, or of @all. */
void logtap_schedule_refresh(struct logtap_intake *intake, bool all);

/* discover.c */

int logtap_discover_init(struct logtap_intake *intake);
void logtap_discover_deinit(struct logtap_intake *intake);
/* Reads what inotify has to tell, scans if need be, tries unopened files
 * whose time has come (@all: each). */
void logtap_discover_run(struct logtap_intake *intake, bool all);
/* When an unopened file is to be tried again; UINT64_MAX: never. */
uint64_t logtap_discover_due(const struct logtap_intake *intake);

/* table.c: the segments that are open. */

/* Opens the file and adds it.  Return: 0; -errno; or as logtap_segment_open(),
 * with @why if it is bad. */
int logtap_table_open(struct logtap_intake *intake, const char *name,
		      const char **why);
/* Takes a segment out and closes it; @remove: and its file. */
void logtap_table_drop(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, bool remove);
/* Closes all; the files stay. */
void logtap_table_deinit(struct logtap_intake *intake);

#endif
