/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Making a segment file.
 *
 * Space is reserved by writing zeros before it is mapped, so a full tmpfs is
 * ENOSPC here instead of SIGBUS later.  Only calls that any program which logs
 * is allowed are made: openat, write, fstat, mmap, close.  No descriptor stays
 * open.  errno is untouched; safe in a signal handler.
 */
#ifndef LOGTAP_SEGMENT_CREATE_H
#define LOGTAP_SEGMENT_CREATE_H

#include "../state.h"

/**
 * logtap_segment_create() - make a segment and map it
 * @slots:      number of slots
 * @ring_bytes: of each slot, a power of two
 *
 * The first slot is claimed for the caller.
 *
 * Return: the mapping, or NULL with the reason (negative errno) in *@error.
 *         -EPERM when a seccomp filter forbids trying.
 */
struct logtap_mapping *logtap_segment_create(uint32_t slots,
					     uint32_t ring_bytes, long *error);

/* May a file of so many bytes be made, by RLIMIT_FSIZE?  A system call. */
bool logtap_segment_within_limit(uint64_t bytes);

/* Adds a sink to the process's table and to each mapped segment.
 * Return: the sink of the process, or the one that is already there;
 *         one of LOGTAP_SINK_FURTHER if the table is full, or
 *         LOGTAP_SINK_INDEX_UNKNOWN. */
struct logtap_sink_description {
	enum logtap_sink_kind kind;
	uint64_t device;
	uint64_t inode;
	uint32_t file_type; /* st_mode & S_IFMT */
	uint32_t flags;	    /* enum logtap_sink_flag */
	const char *path;   /* "": unknown */
};
uint8_t logtap_segment_sink(const struct logtap_sink_description *sink);
/* The sink that is there; LOGTAP_SINK_INDEX_UNKNOWN: none. */
uint8_t logtap_segment_sink_find(const struct logtap_sink_description *sink);

/* Of a sink of the process that is there. */
enum logtap_sink_kind logtap_segment_sink_kind(uint8_t sink);
bool logtap_segment_sink_is(uint8_t sink, uint64_t device, uint64_t inode);

/* A line for `logtap doctor`, kept in the first segment. */
void logtap_segment_diagnose(int error, const char *text);

#endif
