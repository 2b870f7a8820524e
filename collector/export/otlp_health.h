/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the collector's log says about an OTLP destination: one line when it
 * begins to fail, one when it works again, with counts; not one a batch.
 *
 * Belongs to the exporter's worker thread.
 */
#ifndef LOGTAP_EXPORT_OTLP_HEALTH_H
#define LOGTAP_EXPORT_OTLP_HEALTH_H

#include <stddef.h>
#include <stdint.h>

struct logtap_otlp_health {
	const char *name;	  /* of the destination; borrowed */
	uint64_t unreachable_ns;  /* CLOCK_MONOTONIC since when; 0: it is not */
	uint64_t attempts;	  /* that failed since then */
	uint64_t refused_records; /* in a row; 0: it takes what we send */
	uint64_t rejected_records; /* by batches in a row */
};

/* A batch was not taken and will be sent again. */
void logtap_otlp_health_retrying(struct logtap_otlp_health *health,
				 const char *error, size_t queued_records);
/* The receiver does not want a batch of @records. */
void logtap_otlp_health_refused(struct logtap_otlp_health *health,
				const char *error, size_t records);
/* It took a batch but @rejected of its records; @message: why, may be empty,
 * may stand alone as a warning. */
void logtap_otlp_health_delivered(struct logtap_otlp_health *health,
				  size_t rejected, const char *message);

#endif
