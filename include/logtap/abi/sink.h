/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The sink table: where captured output was going.
 *
 * A chunk names its sink by index, so that output which a parent hid
 * (2>/dev/null, a pipe) can be told from output that a person saw.  Entries
 * are appended by hosts and never change once @state says READY.
 */
#ifndef LOGTAP_ABI_SINK_H
#define LOGTAP_ABI_SINK_H

#include <logtap/abi/version.h>

enum logtap_sink_kind {
	LOGTAP_SINK_NONE = 0,
	LOGTAP_SINK_STDERR = 1,
	LOGTAP_SINK_STDOUT = 2,
	LOGTAP_SINK_SYSLOG = 3, /* syslog(3), or a socket it would use */
	LOGTAP_SINK_JOURNAL = 4,
	LOGTAP_SINK_FILE = 5, /* a log file chosen by glob */
	LOGTAP_SINK_API = 6,  /* logtap_event */
};

enum logtap_sink_state {
	LOGTAP_SINK_EMPTY = 0,
	LOGTAP_SINK_WRITING = 1,
	LOGTAP_SINK_READY = 2, /* stored with release, loaded with acquire */
};

enum logtap_sink_flag {
	LOGTAP_SINK_FOUND = 1u << 0, /* the program found it when it started;
	                              * else it opened or chose it itself */
	LOGTAP_SINK_NULL = 1u << 1,  /* /dev/null */
};

#define LOGTAP_SINK_PATH_BYTES 96

/* Index 0 is stderr as the process found it, index 1 is syslog(3). */
#define LOGTAP_SINK_INDEX_STDERR 0
#define LOGTAP_SINK_INDEX_SYSLOG 1
#define LOGTAP_SINKS 16
#define LOGTAP_SINK_INDEX_UNKNOWN 255 /* the table was full */

/* Since 1.5: indexes behind the table, of a stderr or stdout that has found no
 * place there.  The sum of these says what is known of it all the same. */
#define LOGTAP_SINK_FURTHER LOGTAP_SINKS
#define LOGTAP_SINK_FURTHER_HIDDEN 1 /* a pipe, socket, /dev/null or found */
#define LOGTAP_SINK_FURTHER_STDOUT 2 /* else stderr */
#define LOGTAP_SINK_INDEXES (LOGTAP_SINK_FURTHER + 4)

struct logtap_sink {
	_Atomic uint32_t state; /* enum logtap_sink_state */
	uint32_t kind;		/* enum logtap_sink_kind */
	uint64_t device;	/* st_dev */
	uint64_t inode;		/* st_ino */
	uint32_t file_type;	/* st_mode & S_IFMT; 0: closed or unknown */
	uint32_t flags;		/* enum logtap_sink_flag */
	char path[LOGTAP_SINK_PATH_BYTES]; /* NUL-terminated, the end of a long
	                                   * one; empty if unknown */
};
static_assert(offsetof(struct logtap_sink, kind) == 4, "sink ABI");
static_assert(offsetof(struct logtap_sink, device) == 8, "sink ABI");
static_assert(offsetof(struct logtap_sink, inode) == 16, "sink ABI");
static_assert(offsetof(struct logtap_sink, file_type) == 24, "sink ABI");
static_assert(offsetof(struct logtap_sink, flags) == 28, "sink ABI");
static_assert(offsetof(struct logtap_sink, path) == 32, "sink ABI");
static_assert(sizeof(struct logtap_sink) == 128, "sink ABI");

#endif
