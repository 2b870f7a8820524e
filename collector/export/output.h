/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * An exporter that writes each batch as bytes to a file descriptor: what the
 * file and the console have in common.
 *
 * A thread of its own writes, so that a full disk or a stopped terminal holds
 * up nobody else.  A write that fails is tried again, with growing pauses,
 * until it works or the exporter is stopped; the message log says when it
 * begins to fail and when it works again.
 */
#ifndef LOGTAP_EXPORT_OUTPUT_H
#define LOGTAP_EXPORT_OUTPUT_H

#include "../base/bytes.h"
#include "exporter.h"

struct logtap_output_options {
	const char *kind; /* a constant */
	const char *name;
	int fd;
	bool close_fd; /* the exporter owns @fd */
	/* A regular file that only we write: what part of a batch got in
	 * before an error is taken out again. */
	bool undo;
	int (*encode)(const struct logtap_batch *batch,
		      struct logtap_bytes *out);
};

/* Return: 0 or a negative errno value; @options->fd is then still the
 * caller's. */
int logtap_output_new(const struct logtap_output_options *options,
		      struct logtap_exporter **out);

#endif
