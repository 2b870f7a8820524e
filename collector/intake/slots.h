/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the reader keeps of segments and their slots, and what it does with one.
 * The reader's thread.
 */
#ifndef LOGTAP_INTAKE_SLOTS_H
#define LOGTAP_INTAKE_SLOTS_H

#include "frame.h"
#include "ring_map.h"
#include "segment.h"

struct logtap_intake;
struct logtap_metric_table; /* metrics.c */
struct logtap_metric_row;

/* Numbers that were taken in a slot and will not come. */
struct logtap_lost_numbers {
	uint64_t chunks;    /* dropped, or left out by us */
	uint64_t overwrote; /* another value: nobody knows how many more */
};

/* The reader's own view of one slot in one generation. */
struct logtap_slot_reader {
	uint64_t generation;
	struct logtap_frame_thread who;	   /* also: how far it was read */
	struct logtap_account *account;	   /* borrowed */
	struct logtap_counts live;	   /* what the account has of it */
	struct logtap_metric_row *metrics; /* NULL: it has no user metrics */
	uint64_t host[LOGTAP_COUNTERS];	   /* the host's, at the last refresh */
	bool introduced; /* the journal has @who, with its present name */
	struct logtap_ring_use use; /* of the main ring */
	uint64_t word;		    /* of the slot, when last visited */
	uint64_t owner;		    /* what the account was told of it */
	bool waits; /* until earlier slots of the same thread are drained */
	uint64_t waits_begun_ns;
	uint64_t waits_since_ns; /* nothing has come of it */
	uint32_t waits_visits;	 /* since then: a slow machine waits longer */
	uint64_t waits_refusals; /* of the journal, when it last looked */
	uint64_t waits_progress; /* of what it waits for, when it last looked */
	uint64_t held_since_ns;	 /* nested chunks, for the one before; 0: not */
	struct logtap_lost_numbers lost; /* when it was read last, or less */
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
	bool owned;    /* counted as its owner's */
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

/* visit.c */

/* Takes at most a window of each ring of an open slot.  Return: as
 * logtap_slot_visit(). */
int logtap_visit_rings(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, uint32_t slot);

/* hold.c */

/* Of an open slot, so far. */
struct logtap_lost_numbers logtap_hold_lost(
	const struct logtap_intake_segment *segment, uint32_t index);
/* Must a nested chunk wait, behind which there is nothing yet, for a lower number?
 * @fill: of its ring, in percent. */
bool logtap_hold_nested(const struct logtap_intake *intake,
			struct logtap_intake_segment *segment, uint32_t index,
			uint32_t sequence, int fill);

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
/* Whose its process has become, by its own word, as it is in the slot; 0: nobody
 * else's. */
uint64_t logtap_slot_owner(const struct logtap_intake_segment *segment,
			   uint32_t slot);
/* Tells the account of it. */
void logtap_slot_refresh_owner(struct logtap_intake *intake,
			       const struct logtap_intake_segment *segment,
			       uint32_t slot);
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
/* A process has ended, or its first thread has: its segments may go.  @segment: one
 * that is likely to be its own. */
void logtap_reclaim_ended(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment, uint32_t pid,
			  uint64_t start_ticks);

#endif
