/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What logtap knows of this process: configuration, identity, segments.
 *
 * Written by the constructor, then read by everyone; the few words that change
 * later are atomic.  A forked child inherits it all.
 */
#ifndef LOGTAP_SHIM_STATE_H
#define LOGTAP_SHIM_STATE_H

#include <logtap/abi/chunk.h>
#include <logtap/abi/segment.h>
#include <stdbool.h>

/* On the declaration of a variable that the record path reads: without it each
 * access begins with a computation of the address. */
#define LOGTAP_HIDDEN __attribute__((visibility("hidden")))

/* What is large and what few processes use lies behind what every process
 * touches, in this order: the linker sorts the sections by name. */
#define LOGTAP_BSS(name) __attribute__((section(".bss." name)))

#define LOGTAP_MAPPINGS 512
#define LOGTAP_DIRECTORY_BYTES 256
#define LOGTAP_FILES_BYTES 2048

/* A segment that this process has mapped.  Geometry is kept here: what lies in
 * shared memory is never believed. */
struct logtap_mapping {
	_Atomic uint32_t usable; /* stored last */
	unsigned char *base;
	struct logtap_segment *segment;
	struct logtap_control *control;
	struct logtap_slot *slots;
	unsigned char *data;
	uint64_t bytes;
	uint32_t slot_count;
	uint32_t ring_bytes;
	uint32_t nested_bytes;
	/* the segment's sink index of each sink of the process */
	uint8_t sink_index[LOGTAP_SINK_INDEXES];
	/* Bytes 4 to 7 of the chunks of each, by what fd/table.h has for a
	 * descriptor; 0: not at once.  They are set when the index is. */
	uint32_t tee_words[LOGTAP_SINK_INDEXES + 2];
	uint32_t divert_words[LOGTAP_SINK_INDEXES + 2];
	/* user metrics: the rows, and as with sinks the index of each */
	_Atomic uint64_t *metrics;
	struct logtap_metric_definition *definitions;
	uint8_t metric_index[LOGTAP_METRICS];
};

struct logtap_file_id {
	uint64_t device;
	uint64_t inode;
};

static inline bool logtap_file_is(const struct logtap_file_id *file,
				  uint64_t device, uint64_t inode)
{
	return file->inode == inode && file->device == device;
}

struct logtap_config {
	char directory[LOGTAP_DIRECTORY_BYTES];
	enum logtap_mode mode;
	enum logtap_full full;
	uint32_t stack_level;	    /* of LOGTAP_STACKS; 0: not set */
	uint64_t ring_bytes_max;    /* of a busy thread */
	uint64_t process_bytes_max; /* of all segments of this process */
	uint64_t block_ns;	    /* the longest wait of LOGTAP_FULL_BLOCK */
	bool follow;
	bool clock_is_tsc;		  /* somebody asked the kernel for us */
	struct logtap_file_id session[2]; /* its stderr and its stdout; zeros:
	                                   * unknown */
	bool out;			  /* stdout is captured, too */
	bool hides;	   /* but not what nobody is to see: --sinks=session */
	const char *files; /* names of log files: fd/glob.h; NULL: none */
};

struct logtap_identity {
	uint32_t pid;
	uint32_t parent_pid;
	uint32_t uid;
	uint32_t gid;
	/* whose the process has become; it and its children */
	_Atomic uint32_t owner_known; /* stored last */
	_Atomic uint32_t owner;
	uint64_t start_ticks;
	uint64_t pid_namespace;
	char comm[LOGTAP_COMM_BYTES];
	uint32_t environment_bytes;
	unsigned char coverage[LOGTAP_MECHANISMS_MAX];
	struct logtap_file_id input;  /* a pipe or socket; zeros: none */
	struct logtap_file_id output; /* zeros: unknown */
	uint64_t error_bytes;	      /* of the file that was stderr */
	uint64_t tsc;
	uint64_t realtime_ns;
	uint64_t monotonic_ns;
	char executable[LOGTAP_EXECUTABLE_BYTES];
};

enum logtap_filter {
	LOGTAP_FILTER_NONE = 0,
	/* In force before main, so it lets a program start: only such calls as
	 * starting and opening a file take (openat, read, write, fstat, mmap,
	 * munmap, close). */
	LOGTAP_FILTER_INHERITED = 1,
	LOGTAP_FILTER_OWN = 2, /* installed by the host: no call at all */
};

struct logtap_state {
	_Atomic uint32_t filter; /* enum logtap_filter of seccomp(2) */
	_Atomic uint32_t mapping_count;
	_Atomic uint32_t mapping_hint; /* where a free slot was found last */
	_Atomic uint32_t segment_index;
	_Atomic uint64_t mapped_bytes;
	const char *program; /* what libc calls the program in syslog(3) */
	/* of the parent, in a child that was forked in the middle of a copy */
	struct logtap_segment *inherited;
	struct logtap_config config;
	struct logtap_identity identity;
	struct logtap_mapping mappings[LOGTAP_MAPPINGS];
	/* What few processes have comes last. */
	char files[LOGTAP_FILES_BYTES];		    /* of the config */
	char environment[LOGTAP_ENVIRONMENT_BYTES]; /* of the identity */
};
extern struct logtap_state logtap_state LOGTAP_HIDDEN;

/* A page that the kernel empties in every child, however it was forked. */
struct logtap_alive_page {
	_Alignas(LOGTAP_PAGE_BYTES) _Atomic uint32_t alive;
};
static_assert(sizeof(struct logtap_alive_page) == 4096, "as in hook/fork.c");
extern struct logtap_alive_page logtap_alive_page LOGTAP_HIDDEN;

/* Not so in a child that was forked behind libc's back. */
static inline bool logtap_alive(void)
{
	return atomic_load_explicit(&logtap_alive_page.alive,
				    memory_order_relaxed) != 0;
}

/* Hooks capture; 0: they pass everything through.  Also read by thunks. */
extern _Atomic uint32_t logtap_armed_word LOGTAP_HIDDEN;

/* Mapping @index, or NULL if it is not (or not yet) there. */
static inline struct logtap_mapping *logtap_mapping_at(uint32_t index)
{
	struct logtap_mapping *mapping = &logtap_state.mappings[index];

	return atomic_load_explicit(&mapping->usable, memory_order_acquire)
		       ? mapping
		       : NULL;
}

static inline bool logtap_armed(void)
{
	return __builtin_expect(atomic_load_explicit(&logtap_armed_word,
						     memory_order_relaxed) != 0,
				1);
}

/* Is a seccomp filter in force? */
static inline bool logtap_filtered(void)
{
	return atomic_load_explicit(&logtap_state.filter,
				    memory_order_relaxed) != LOGTAP_FILTER_NONE;
}

/* May no system call be made any more? */
static inline bool logtap_sealed(void)
{
	return atomic_load_explicit(&logtap_state.filter,
				    memory_order_relaxed) == LOGTAP_FILTER_OWN;
}

#endif
