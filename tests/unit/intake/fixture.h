/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A host without the shim: makes segment files by the format alone, and pushes
 * chunks as a host does.  And the other end: everything that a journal holds.
 */
#ifndef LOGTAP_TESTS_INTAKE_FIXTURE_H
#define LOGTAP_TESTS_INTAKE_FIXTURE_H

#include "../../../collector/intake/intake.h"
#include "../../../collector/intake/reader.h"

#include <criterion/criterion.h>

enum { HOST_SLOTS_MAX = 16, HOST_PID = 0x3ffffff0 };

struct directory {
	char path[64];
	int fd;
};

void directory_init(struct directory *directory);
void directory_deinit(struct directory *directory);
/* Files whose names end in @suffix. */
size_t directory_count(const struct directory *directory, const char *suffix);

struct host_options {
	const char *name;      /* NULL: one that no other host has */
	uint32_t slots;	       /* 0: 2 */
	uint32_t ring_bytes;   /* 0: 4096 */
	uint32_t nested_bytes; /* 0: 4096 */
	uint32_t pid;	       /* 0: ours; HOST_PID: one that no process has */
	uint64_t start_ticks;
	uint32_t clock; /* enum logtap_clock */
	bool not_ready;
};

struct host_ring {
	uint64_t head;
	uint64_t floor;
};

struct host {
	char path[160];
	const char *name; /* in @path */
	uint64_t bytes;
	unsigned char *base;
	struct logtap_segment *header;
	struct logtap_control *control;
	struct logtap_slot *slots;
	uint32_t sequence[HOST_SLOTS_MAX];
	struct host_ring rings[HOST_SLOTS_MAX][2];
};

void host_init(struct host *host, const struct directory *directory,
	       const struct host_options *options);
/* What not_ready left out. */
void host_ready(struct host *host);
/* Unmaps; the file stays. */
void host_deinit(struct host *host);

/* Claims @slot for thread @tid: FREE to CLAIMED to LIVE.  False: not free. */
bool host_claim(struct host *host, uint32_t slot, uint32_t tid, uint32_t flags);
/* One chunk; full rings drop the newest, and count.  True: it is in. */
bool host_push(struct host *host, uint32_t slot, const char *text);
bool host_push_nested(struct host *host, uint32_t slot, const char *text);
/* The same as a flight recorder: overwrites the oldest. */
void host_push_over(struct host *host, uint32_t slot, const char *text);
/* One chunk with this header but for length and sequence. */
bool host_push_chunk(struct host *host, uint32_t slot, bool nested,
		     const struct logtap_chunk *like, const void *payload,
		     uint32_t bytes);
/* The thread ends, as the kernel would tell. */
void host_die(struct host *host, uint32_t slot);
void host_set_state(struct host *host, uint32_t slot, unsigned state);
unsigned host_state(const struct host *host, uint32_t slot);
uint64_t host_generation(const struct host *host, uint32_t slot);
unsigned char *host_ring_data(const struct host *host, uint32_t slot,
			      bool nested);

/* A reader without a thread, and its journal. */
struct intake {
	struct logtap_journal *journal;
	struct logtap_accounting *accounting;
	struct logtap_reader *reader;
};
void intake_init(struct intake *intake, const struct directory *directory,
		 uint64_t journal_bytes);
void intake_deinit(struct intake *intake);
/* Rounds until nothing more comes, deaths included; returns processes that
 * live. */
uint64_t intake_drain(struct intake *intake);
struct logtap_counts intake_total(struct intake *intake);
/* Lines of /proc/self/maps that have @text. */
unsigned mappings_of(const char *text);
/* Rings of open slots are mapped when they are read next, not only after much
 * was read. */
void intake_map_soon(struct intake *intake);
/* What the reader's own parts work on. */
struct logtap_intake *intake_parts(struct intake *intake);

/* A chunk that the journal holds. */
struct found {
	char text[256];
	struct logtap_chunk chunk;
	struct logtap_frame frame;
	uint64_t position;
};
struct harvest {
	struct found *items;
	size_t count;
	size_t room;
	size_t threads_ended;
	size_t threads_moved; /* of those: their threads had gone on */
	size_t segments_ended;
};
void harvest_init(struct harvest *harvest, struct logtap_journal *journal);
void harvest_deinit(struct harvest *harvest);
/* How many chunks have exactly this text. */
size_t harvest_count(const struct harvest *harvest, const char *text);

#endif
