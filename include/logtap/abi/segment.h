/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A segment file: the memory that one process image shares with the collector.
 *
 * Layout, each part at the offset that the header names:
 *
 *     header (two pages) | control page | slot table | user metrics | data
 *
 * The data area holds, for slot i, @ring_bytes of its ring and then
 * @nested_bytes of its nested ring.  A process begins with one segment of a
 * few slots; more threads, or a thread that needs a larger ring, add segments
 * (@index counts them).  Files are named PID-START-RANDOM.seg, mode 0600.
 *
 * The collector maps the header, the control page and the slot table, and reads
 * the data with pread(2), so that a file which was cut short is a short read.
 */
#ifndef LOGTAP_ABI_SEGMENT_H
#define LOGTAP_ABI_SEGMENT_H

#include <logtap/abi/control.h>
#include <logtap/abi/metric.h>
#include <logtap/abi/sink.h>
#include <logtap/abi/slot.h>

/* Frozen for ever: what a reader of any version may look at. */
struct logtap_segment_prefix {
	unsigned char magic[LOGTAP_ABI_MAGIC_BYTES];
	uint16_t major;
	uint16_t minor;
	uint32_t header_bytes;
	uint32_t byte_order;   /* LOGTAP_ABI_BYTE_ORDER */
	uint32_t compatible;   /* features that a reader may ignore */
	uint32_t incompatible; /* features that a reader must know, or refuse */
	_Atomic uint32_t ready; /* 1, stored with release when all is written */
};
static_assert(sizeof(struct logtap_segment_prefix) == 32, "segment ABI");

/* The unit of logtap_chunk.time (without LOGTAP_CHUNK_COARSE). */
enum logtap_clock {
	LOGTAP_CLOCK_REALTIME = 0, /* CLOCK_REALTIME, ns since the epoch */
	LOGTAP_CLOCK_TSC = 1,	   /* time stamp counter: the reader converts */
};

enum logtap_mode { LOGTAP_MODE_TEE = 0, LOGTAP_MODE_DIVERT = 1 };

enum logtap_full {
	LOGTAP_FULL_AUTO = 0, /* newest while a collector lives, else oldest */
	LOGTAP_FULL_DROP_NEWEST = 1,
	LOGTAP_FULL_DROP_OLDEST = 2,
	LOGTAP_FULL_BLOCK = 3,
};

/* The capture mechanisms, in the order of logtap_segment.coverage. */
enum logtap_mechanism {
	LOGTAP_MECHANISM_STDIO = 0,
	LOGTAP_MECHANISM_WRITE = 1,
	LOGTAP_MECHANISM_SYSLOG = 2,
	LOGTAP_MECHANISM_PTHREAD = 3,
	LOGTAP_MECHANISM_FORK = 4,
	LOGTAP_MECHANISM_FORK_PAGE = 5,
	LOGTAP_MECHANISM_DEATH = 6,
	LOGTAP_MECHANISM_EXEC = 7,
	LOGTAP_MECHANISM_SOCKET = 8,
	LOGTAP_MECHANISM_WRITERS = 9, /* libc's own: perror(3), dprintf(3) */
	LOGTAP_MECHANISM_OPEN = 10,   /* stderr and log files by name */
	LOGTAP_MECHANISMS_MAX = 32
};

/* One byte a mechanism: 1 installed, else why not. */
enum logtap_coverage {
	LOGTAP_COVERAGE_ABSENT = 0, /* not built in, or not yet tried */
	LOGTAP_COVERAGE_INSTALLED = 1,
	LOGTAP_COVERAGE_NO_SYMBOL = 2,	/* libc does not have it */
	LOGTAP_COVERAGE_SELF_CHECK = 3, /* libc is not built as expected */
	LOGTAP_COVERAGE_DENIED = 4,	/* the kernel or a filter refused */
	LOGTAP_COVERAGE_OWNED = 5, /* another library defines the function */
	LOGTAP_COVERAGE_NOT_ASKED = 6, /* configuration left it off */
};

/* Diagnostics: what the shim would have printed, had it a place to. */
#define LOGTAP_DIAGNOSTICS 16
struct logtap_diagnostic {
	_Atomic uint32_t state; /* 0 empty, 1 being written, 2 ready */
	int32_t error;		/* errno value, or 0, or the next one */
	char text[88];		/* NUL-terminated */
};
static_assert(sizeof(struct logtap_diagnostic) == 96, "segment ABI");
/* ENOEXEC: a program that is started cannot be captured.  These take at most
 * half of the room. */
#define LOGTAP_DIAGNOSTIC_PROGRAM 8

#define LOGTAP_EXECUTABLE_BYTES 512
#define LOGTAP_CGROUP_BYTES 512
#define LOGTAP_ENVIRONMENT_BYTES 2048
#define LOGTAP_COMM_BYTES 16

struct logtap_segment {
	struct logtap_segment_prefix prefix;

	/* geometry, all in bytes from the start of the file */
	uint64_t segment_bytes;
	uint64_t control_offset;
	uint64_t slots_offset;
	uint64_t data_offset;
	uint32_t slot_count;
	uint32_t slot_bytes;   /* LOGTAP_SLOT_BYTES */
	uint32_t ring_bytes;   /* power of two */
	uint32_t nested_bytes; /* power of two */
	uint32_t ring_blocks;  /* LOGTAP_RING_BLOCKS */
	uint32_t death_offset; /* of the futex word, from the start of a slot */
	uint64_t counters_offset; /* user metrics: metric.h; 0: none */
	uint64_t evidence_offset; /* loop evidence; 0: none */
	uint32_t counters_bytes;
	uint32_t evidence_bytes;

	/* identity, written once */
	unsigned char uuid[16];	   /* random; names the segment for ever */
	unsigned char boot_id[16]; /* zeros: the running boot */
	uint32_t pid;		   /* creator, in its own namespace */
	uint32_t parent_pid;
	uint32_t uid;
	uint32_t gid;
	uint64_t start_ticks; /* /proc/self/stat field 22; 0: unknown */
	uint32_t index;	      /* 0 for the first segment of this image */
	uint32_t seccomp;     /* 1: a filter was in force at the start */

	/* clock at the creation, the three read together */
	uint32_t clock;	    /* enum logtap_clock */
	uint32_t mode;	    /* enum logtap_mode */
	uint64_t clock_tsc; /* 0 when @clock is not LOGTAP_CLOCK_TSC */
	uint64_t clock_realtime_ns;
	uint64_t clock_monotonic_ns;
	uint32_t full;		    /* enum logtap_full */
	uint32_t environment_bytes; /* used in @environment */
	unsigned char coverage[LOGTAP_MECHANISMS_MAX];
	char comm[LOGTAP_COMM_BYTES];
	/* calls that found no slot, counted by any thread; rare */
	_Atomic uint64_t uncaptured_chunks;
	_Atomic uint64_t uncaptured_bytes;
	/* since 1.2: a bit for each user metric in the shared row */
	_Atomic uint64_t shared_metrics;
	/* since 1.3: what the image found when it started; zeros: unknown.
	 * Its standard input, if that was a pipe or socket, its standard
	 * output, and how long the file was that was its standard error. */
	uint64_t input_device;
	uint64_t input_inode;
	uint64_t output_device;
	uint64_t output_inode;
	uint64_t error_bytes;
	uint64_t pid_namespace; /* since 1.6: its inode; 0: unknown */
	uint64_t reserved[3];

	/* text: NUL-terminated, cut when too long */
	char executable[LOGTAP_EXECUTABLE_BYTES];
	char cgroup[LOGTAP_CGROUP_BYTES]; /* empty: ask the kernel */
	/* NAME=VALUE, each NUL-terminated: OTEL_RESOURCE_ATTRIBUTES,
	 * OTEL_SERVICE_NAME, TRACEPARENT, TRACESTATE.  Never headers. */
	char environment[LOGTAP_ENVIRONMENT_BYTES];

	struct logtap_sink sinks[LOGTAP_SINKS];
	struct logtap_diagnostic diagnostics[LOGTAP_DIAGNOSTICS];
};
static_assert(offsetof(struct logtap_segment, segment_bytes) == 32,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, slot_count) == 64, "segment ABI");
static_assert(offsetof(struct logtap_segment, ring_bytes) == 72, "segment ABI");
static_assert(offsetof(struct logtap_segment, death_offset) == 84,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, counters_offset) == 88,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, uuid) == 112, "segment ABI");
static_assert(offsetof(struct logtap_segment, boot_id) == 128, "segment ABI");
static_assert(offsetof(struct logtap_segment, pid) == 144, "segment ABI");
static_assert(offsetof(struct logtap_segment, start_ticks) == 160,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, index) == 168, "segment ABI");
static_assert(offsetof(struct logtap_segment, clock) == 176, "segment ABI");
static_assert(offsetof(struct logtap_segment, clock_tsc) == 184, "segment ABI");
static_assert(offsetof(struct logtap_segment, full) == 208, "segment ABI");
static_assert(offsetof(struct logtap_segment, coverage) == 216, "segment ABI");
static_assert(offsetof(struct logtap_segment, comm) == 248, "segment ABI");
static_assert(offsetof(struct logtap_segment, uncaptured_chunks) == 264,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, shared_metrics) == 280,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, input_device) == 288,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, error_bytes) == 320,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, pid_namespace) == 328,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, executable) == 360,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, cgroup) == 872, "segment ABI");
static_assert(offsetof(struct logtap_segment, environment) == 1384,
	      "segment ABI");
static_assert(offsetof(struct logtap_segment, sinks) == 3432, "segment ABI");
static_assert(offsetof(struct logtap_segment, diagnostics) == 5480,
	      "segment ABI");

#define LOGTAP_HEADER_BYTES (2 * LOGTAP_PAGE_BYTES)
static_assert(sizeof(struct logtap_segment) <= LOGTAP_HEADER_BYTES,
	      "two pages");

#define LOGTAP_SEGMENT_SUFFIX ".seg"
#define LOGTAP_SLOTS_MAX 4096

#endif
