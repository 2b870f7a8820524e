/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Intake: everything between the segment files and the journal, shared by the
 * parts of this wing that run in the reader's thread (discover, slot, state,
 * restore, reclaim, reader).  Not for other wings: those use reader.h.
 *
 * Nothing here is thread-safe; the reader's thread owns it all.
 */
#ifndef LOGTAP_INTAKE_INTAKE_H
#define LOGTAP_INTAKE_INTAKE_H

#include "../registry/user_metrics.h"
#include "asks.h"
#include "clock.h"
#include "journal.h"
#include "levels.h"
#include "ring.h"
#include "segment.h"

#include <time.h>

#define LOGTAP_MS_NS UINT64_C(1000000)
#define LOGTAP_SECOND_NS UINT64_C(1000000000)

struct logtap_metric_table; /* metrics.c */
struct logtap_metric_row;

/* The reader's own view of one slot in one generation. */
struct logtap_slot_reader {
	uint64_t generation;
	struct logtap_frame_thread who;	   /* also: how far it was read */
	struct logtap_account *account;	   /* borrowed */
	struct logtap_counts live;	   /* what the account has of it */
	struct logtap_metric_row *metrics; /* NULL: it has no user metrics */
	uint64_t host[LOGTAP_COUNTERS];	   /* the host's, at the last refresh */
	bool introduced; /* the journal has @who, with its present name */
	uint64_t word;	 /* of the slot, when last visited */
	bool waits; /* until earlier slots of the same thread are drained */
	uint64_t waits_begun_ns;
	uint64_t waits_since_ns; /* nothing has come of it */
	uint32_t waits_visits;	 /* since then: a slow machine waits longer */
	uint64_t waits_refusals; /* of the journal, when it last looked */
	uint64_t waits_progress; /* of what it waits for, when it last looked */
	uint64_t held_since_ns;	 /* nested chunks, for the one before; 0: not */
	bool moved;
	bool dead;	/* its thread has ended: drain it, then free it */
	bool bad;	/* given up: @who stays where it is */
	bool unmarked;	/* no death word will tell of its end */
	bool overtaken; /* its host took it back; the rest is overwritten */
	bool ended;	/* counted and ended in the journal; only to be freed */
	uint32_t rolled_back;
	uint32_t stale;
	uint32_t unknown;
};

/* What a slot's lines say when there is nothing to do. */
#define LOGTAP_UNSETTLED UINT64_MAX /* no state: it is to be looked at */
struct logtap_settled {
	uint64_t word;
	uint64_t head[2];
};

struct logtap_intake_segment {
	/* schedule.c */
	struct logtap_settled *settled; /* a slot each */
	uint64_t visited_ns;
	uint64_t delay_ns;
	uint64_t idle_since_ns;
	int fullest; /* percent of a ring, since visited_ns */
	bool more;   /* a ring holds more than was taken at the last visit */
	bool start_told;
	struct logtap_segment_file file;
	char *name;			   /* in the directory */
	uint64_t key;			   /* in the journal */
	struct logtap_account *account;	   /* of its creator */
	struct logtap_slot_reader **slots; /* NULL: free, or not yet seen */
	uint64_t start_time_ns;		   /* of its creator; 0: unknown */
	bool introduced;
	uint32_t sinks_used;	   /* a bit each */
	uint32_t sinks_introduced; /* the journal has these */
	bool closing;  /* no more claims; goes when all slots are free */
	bool was_seen; /* its creator was found in our /proc */
	uint64_t quiet_since_ns; /* all slots free since; 0: not */
	uint64_t ask_due_ns;	 /* then: when to ask for its creator */
	uint64_t ask_delay_ns;
	uint64_t claim_word; /* a claim that does not end: which, since when */
	uint64_t claim_since_ns;
	uint32_t claim_slot;
	bool main_ended; /* its creator's first thread was marked dead */
	struct logtap_frame_uncaptured uncaptured; /* counted so far */
	struct logtap_metric_table *metric_table;  /* NULL: no user metrics */
	struct logtap_metric_row *shared_metrics;
	uint32_t diagnostics_told; /* a bit for each */
	uint32_t levels_version;   /* that it was told last; 0: none */
	bool coverage_told;
	bool uncaptured_told;
};

/* What an earlier collector's journal says about a slot, a segment. */
struct logtap_restored_slot {
	uint32_t slot;
	bool ended;
	bool adopted; /* its slot is open again */
	uint64_t generation;
	struct logtap_frame_thread who;
};
struct logtap_restored_segment {
	uint64_t key;
	unsigned char uuid[16];
	uint64_t device;
	uint64_t inode;
	struct logtap_frame_uncaptured uncaptured;
	bool ended;
	struct logtap_restored_slot *slots;
	size_t slot_count;
	size_t slot_room;
};

/* Chunks of a process that an earlier collector left in its journal. */
struct logtap_restored_pending {
	uint32_t uid;
	uint32_t pid;
	uint64_t start_ticks;
	struct logtap_pending pending;
};

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

struct logtap_stranger; /* strangers.c */
struct logtap_running;	/* run/running.h */
struct logtap_unopened; /* discover.c */
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
	struct logtap_window windows[2]; /* for main and nested rings */
	uint64_t now_ns;		 /* CLOCK_MONOTONIC of this round */
	bool in_any_order;		 /* no slot waits for an earlier one */
	bool started;			 /* the journal has a file of ours */
	bool disarmed;			 /* the kill file is there */
	const struct logtap_levels *given_levels; /* borrowed; NULL: none */
	struct logtap_levels levels; /* in force if they are @levels_set */
	bool levels_set;
	uint32_t levels_version;   /* rises with each change */
	struct logtap_level_file { /* as it was read last */
		bool there;
		ino_t inode;
		struct timespec changed;
	} level_file;
	bool full;	   /* the journal took no more */
	uint64_t refusals; /* appends for which it had no room, ever */
	uint64_t appended; /* frames, ever */

	struct logtap_intake_segment **segments;
	uint64_t *due_ns; /* of each: its next visit, CLOCK_MONOTONIC */
	size_t segment_count;
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

	int beat_fd; /* of LOGTAP_BEAT_NAME; -1: not there */
	unsigned beats;
	bool counter_is_clock; /* of the kernel, when last asked */
	int inotify_fd;
	bool notified; /* inotify has something to tell, or may have */
	bool rescan;   /* the directory is to be read */
	bool no_descriptors;
	_Atomic uint64_t quarantined; /* files refused or cut short, ever */
	struct logtap_unopened *unopened;
	size_t unopened_count;
	size_t unopened_room;

	struct logtap_mapped_files *mapped; /* of this sweep; NULL: not read */
	uint64_t mapped_due_ns;		    /* not to be read before */
	bool sweeps_all;		    /* this sweep asks for all */
	uint64_t sweeps;
	size_t ask_marked; /* whose turn it is, in the order of segments */
	size_t ask_unmarked;
	struct logtap_watch *watches; /* creators whose segment is gone */
	size_t watch_count;
	size_t watch_room;
	bool sees_all; /* our /proc shows every process that can be a host */
};

static inline unsigned logtap_state_of(uint64_t word)
{
	return (unsigned)(word & LOGTAP_SLOT_STATE_MASK);
}

static inline uint64_t logtap_slot_load(
	const struct logtap_intake_segment *segment, uint32_t index)
{
	return atomic_load_explicit(
		&logtap_segment_slot(&segment->file, index)->state,
		memory_order_acquire);
}

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

/* restore.c */

/* Reads back what the journal says of slots.  Return: 0 or -errno. */
int logtap_intake_restore(struct logtap_intake *intake);
struct logtap_restored_segment *logtap_restored_find(
	struct logtap_intake *intake, const struct logtap_segment_file *file);
struct logtap_restored_slot *logtap_restored_slot(
	struct logtap_restored_segment *segment, uint32_t slot,
	uint64_t generation);
/* Opens every slot that is held, each where the journal says; call once the
 * directory was read. */
void logtap_intake_adopt(struct logtap_intake *intake);
/* Ends what has no slot any more.  After a rotation. */
void logtap_intake_end_vanished(struct logtap_intake *intake);
void logtap_intake_forget_restored(struct logtap_intake *intake);

/* schedule.c */

#define LOGTAP_DELAY_LEAST_NS (LOGTAP_MS_NS / 10)

/* Visits the segments whose time has come, or @all. */
void logtap_schedule_visit(struct logtap_intake *intake, bool all);
/* When the next one is due; UINT64_MAX: never. */
uint64_t logtap_schedule_due(const struct logtap_intake *intake);
/* Brings the accounts up to date with what hosts have counted, of those where
 * something happened in the last second, or of @all. */
void logtap_schedule_refresh(struct logtap_intake *intake, bool all);

/* visit.c */

/* Takes at most a window of each ring of an open slot.  Return: as
 * logtap_slot_visit(). */
int logtap_visit_rings(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, uint32_t slot);

/* order.c */

/* Must a slot wait until an earlier one of its thread is drained? */
bool logtap_order_must_wait(struct logtap_intake *intake,
			    struct logtap_slot_reader *slot);
/* @index goes, with nothing left to read: whoever waits for it need not. */
void logtap_order_let_next_go(struct logtap_intake *intake,
			      const struct logtap_intake_segment *segment,
			      uint32_t index);

/* slot.c */

/* Opens a slot that a thread holds; NULL if none does, or without memory. */
struct logtap_slot_reader *logtap_slot_open(
	struct logtap_intake *intake, struct logtap_intake_segment *segment,
	uint32_t slot);

/* One visit of a slot: at most a window of each ring.  Return: bytes that
 * were waiting in its fuller ring in percent of the ring (0..100), or -1 if
 * the journal is full. */
int logtap_slot_visit(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment, uint32_t slot);
/* Updates the account from the host's counters, and the name. */
void logtap_slot_refresh(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment, uint32_t slot);
/* @chunks of it are the last in the journal; the account is to know. */
void logtap_slot_journalled(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment,
			    uint32_t slot, uint64_t chunks);
/* True when nothing is left in its rings that will be read. */
bool logtap_slot_drained(const struct logtap_intake_segment *segment,
			 uint32_t slot);
/* Its slot's counts in the journal and in the account are final. */
int logtap_slot_end(struct logtap_intake *intake,
		    struct logtap_intake_segment *segment, uint32_t slot);

/* metrics.c: what programs count by themselves. */

/* Adds what an open slot's row holds to the registry. */
void logtap_metrics_read_slot(struct logtap_intake *intake,
			      struct logtap_intake_segment *segment,
			      uint32_t slot);
/* @used: a bit for each that the shared row holds. */
void logtap_metrics_read_shared(struct logtap_intake *intake,
				struct logtap_intake_segment *segment,
				uint64_t used);
/* The row has ended with what was read of it last. */
void logtap_metrics_end_row(struct logtap_intake *intake,
			    struct logtap_metric_row **row);
void logtap_metrics_end_segment(struct logtap_intake *intake,
				struct logtap_intake_segment *segment);

/* reclaim.c */

/* Looks at the death word of a slot, frees it if it is dead and drained. */
void logtap_reclaim_slot(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment, uint32_t slot);
/* A held slot becomes free, unless its host was faster. */
void logtap_reclaim_free(struct logtap_intake_segment *segment, uint32_t slot,
			 uint64_t word);
/* A process has ended, or its first thread has: its segments may go. */
void logtap_reclaim_ended(struct logtap_intake *intake, uint32_t pid,
			  uint64_t start_ticks);

/* sweep.c */

/* Once a second: asks the kernel for processes that no death word tells of,
 * and now and then for the others; closes segments that have no slot and no
 * creator left.  @all: asks for everything, whatever it costs. */
void logtap_sweep(struct logtap_intake *intake, bool all);

/* gone.c */

/* A segment was opened: looks for its creator. */
void logtap_gone_meet(struct logtap_intake_segment *segment);
/* Does what we see of /proc say all there is to say of a segment's hosts? */
bool logtap_gone_can_tell(const struct logtap_intake *intake,
			  const struct logtap_intake_segment *segment);
/* May a process but us have it mapped? */
bool logtap_gone_mapped(struct logtap_intake *intake,
			const struct logtap_intake_segment *segment);
/* Certain that no process of that pid and start is there any more? */
bool logtap_gone_surely(struct logtap_intake *intake,
			const struct logtap_intake_segment *segment,
			uint32_t pid, uint64_t start_ticks);
/* Certain that the creator of a segment has ended? */
bool logtap_gone_creator(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment);
bool logtap_gone_creator_runs(const struct logtap_intake_segment *segment);

/* close.c */

/* A segment without slots goes if nobody is likely to want one in it. */
void logtap_close_empty(struct logtap_intake *intake,
			struct logtap_intake_segment *segment);
/* One that was opened just now, of a host that has ended already and has not a
 * word for us, goes without a trace in the journal.  Return: whether it did. */
bool logtap_close_silent(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment);
/* One that was cut short goes, unless the journal is full. */
void logtap_close_lost(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);
/* Forgets processes that ran on as another image and have ended. */
void logtap_close_forget(struct logtap_intake *intake);

/* living.c */

/* Processes that live and may yet write. */
uint64_t logtap_living_count(struct logtap_intake *intake);

/* beat.c: tells hosts that someone reads, in the clocks they have. */

void logtap_beat(struct logtap_intake *intake,
		 struct logtap_intake_segment *segment);
/* What hosts are asked for, if that has changed. */
void logtap_beat_asks(struct logtap_intake *intake);
/* All segments, and the file for processes that are just beginning. */
void logtap_beat_all(struct logtap_intake *intake);
/* The end of it: nobody reads any more. */
void logtap_beat_stop(struct logtap_intake *intake);
/* Looks for the kill file of logtap/abi/control.h; the next beat tells. */
void logtap_disarm_look(struct logtap_intake *intake);

/* level_file.c: thresholds of events. */

/* Looks for the file of levels.h; the next beat tells. */
void logtap_level_look(struct logtap_intake *intake);
void logtap_level_tell(const struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);

/* notes.c */

/* Tells in the journal who began to read a pipe, once. */
void logtap_start_tell(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);
/* Adds what was counted since to the account of a segment's creator. */
void logtap_uncaptured_count(struct logtap_intake *intake,
			     struct logtap_intake_segment *segment);
/* Is there nothing to be told of a segment? */
bool logtap_notes_are_none(const struct logtap_intake_segment *segment);
/* Tells in the journal what the library had to say, once. */
void logtap_notes_take(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);
/* All that is left, when nothing more will come. */
void logtap_notes_end(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment);

/* chosen.c */

/* A segment goes: keeps in mind what its process made its stderr. */
void logtap_chosen_remember(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment);
/* Of the sinks in use, those that an earlier image of the process chose are
 * not FOUND. */
void logtap_chosen_mark(struct logtap_intake *intake,
			struct logtap_intake_segment *segment);

/* Tells in the journal that a process is not captured.  Return: whether the
 * journal has it. */
bool logtap_stranger_tell(struct logtap_intake *intake,
			  const struct logtap_running *running,
			  const char *why);

/* strangers.c */

/* Looks for processes of the session that are not captured, and tells. */
void logtap_strangers_look(struct logtap_intake *intake);

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
