/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who wrote: processes and threads of hosts, and one chunk of theirs.
 *
 * Intake fills these from the journal; shape reads them.  All of it belongs to
 * the pipeline's thread.
 */
#ifndef LOGTAP_SHAPE_SOURCE_H
#define LOGTAP_SHAPE_SOURCE_H

#include <logtap/abi/chunk.h>
#include <logtap/abi/segment.h>
#include <stdbool.h>

struct logtap_resource;	   /* shape/resource.h */
struct logtap_stack_trace; /* loops/stack/stack.h */
struct logtap_streams;	   /* shape/line.h */

/* One process image.  Strings are NUL-terminated and bounded, but not
 * necessarily valid UTF-8: a host wrote them. */
struct logtap_process {
	uint32_t pid;
	uint32_t parent_pid;
	uint32_t uid;	/* of the image when it began: one of its names */
	uint32_t owner; /* if it @became another one's (setuid(2)) */
	bool became;
	uint64_t start_ticks;	/* as in /proc/PID/stat; 0: unknown */
	uint64_t start_time_ns; /* since the epoch; 0: unknown */
	char boot_id[37];	/* empty: unknown */
	char comm[LOGTAP_COMM_BYTES + 1];
	char executable[LOGTAP_EXECUTABLE_BYTES + 1];
	char cgroup[LOGTAP_CGROUP_BYTES + 1];
	char environment[LOGTAP_ENVIRONMENT_BYTES + 2]; /* NAME=VALUE, each
	                       * NUL-terminated, the list ends with an empty one */
	struct logtap_resource *resource; /* made by shape on first use */
};

/* Where output was going, as its program saw it. */
struct logtap_sink_info {
	uint32_t kind;	    /* enum logtap_sink_kind */
	uint32_t file_type; /* st_mode & S_IFMT; 0: unknown */
	uint32_t flags;	    /* enum logtap_sink_flag */
	uint64_t device;
	uint64_t inode;
	char path[LOGTAP_SINK_PATH_BYTES + 1]; /* not necessarily UTF-8 */
};

/* One thread of a process, across all its slots. */
struct logtap_thread {
	struct logtap_process *process;
	uint32_t tid;
	uint32_t parent_tid;
	uint64_t start; /* logtap_slot.thread_start */
	uint32_t flags; /* enum logtap_slot_flag */
	char name[LOGTAP_SLOT_NAME_BYTES + 1];
	/* Of the file that holds its start routine; any bytes, "": unknown */
	char library[LOGTAP_SLOT_LIBRARY_BYTES + 1];
	/* How its output was captured when not by the preloaded library, for
	 * instance "pipe"; a constant, or NULL.  Becomes logtap.capture. */
	const char *capture;
	struct logtap_streams *streams; /* made by shape on first use */
};

/* One chunk out of the journal, checked: every length below is in bounds. */
struct logtap_chunk_view {
	unsigned char segment_uuid[16];
	uint64_t position; /* in the journal, where the chunk begins */
	uint32_t slot;
	uint64_t generation;
	bool nested;	/* from the nested ring */
	uint8_t type;	/* enum logtap_chunk_type */
	uint8_t flags;	/* enum logtap_chunk_flag */
	uint8_t format; /* enum logtap_chunk_format */
	uint16_t priority;
	uint32_t sequence;
	uint64_t time_ns;   /* CLOCK_REALTIME, since the epoch */
	uint32_t sink_kind; /* enum logtap_sink_kind */
	const struct logtap_sink_info *sink; /* NULL: unknown */
	const unsigned char *extension;
	size_t extension_bytes;
	const unsigned char *payload;
	size_t payload_bytes;
	/* Of an EVIDENCE chunk on its way to a tap: where its thread was, or
	 * NULL (loops/stack/stack.h). */
	const struct logtap_stack_trace *stack;
};

/**
 * What all records of one thread, stream and slot have in common, encoded
 * once.  Immutable and counted: a record that waits in a batch may outlive its
 * thread.  Every member may be read from any thread that holds a reference.
 */
struct logtap_source {
	atomic_uint references;
	struct logtap_resource *resource; /* counted */
	uint32_t tid;			  /* 0: unknown */
	uint32_t tap_hint; /* for a tap's own use: the pipeline's thread */
	char name[3 * LOGTAP_SLOT_NAME_BYTES + 1]; /* of the thread, UTF-8 */
	const char *stream; /* log.iostream, or NULL; a constant */
	/* Attributes in protobuf (each with its tag; LOGTAP_COPY_SLACK bytes
	 * behind them can be read) and in JSON (with commas between).  When
	 * uid_bytes is not 0 the last one is log.record.uid, which stops after
	 * its uid_bytes of prefix: the number of the chunk and the end of the
	 * attribute are still to be written. */
	unsigned char *attributes;
	size_t attributes_bytes;
	char *json;
	size_t json_bytes;
	size_t uid_bytes;
};

struct logtap_source_options {
	const char *stream;		       /* or NULL; a constant */
	const struct logtap_thread *thread;    /* for tid and name; or NULL */
	const struct logtap_sink_info *sink;   /* or NULL */
	const struct logtap_chunk_view *chunk; /* for the uid's prefix; NULL:
	                                        * records have no uid */
};

/* Takes a reference to @resource.  Return: NULL without memory. */
struct logtap_source *logtap_source_new(
	struct logtap_resource *resource,
	const struct logtap_source_options *options);
struct logtap_source *logtap_source_ref(struct logtap_source *source);
void logtap_source_unref(struct logtap_source *source);

#endif
