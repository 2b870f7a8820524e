/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What an OTLP receiver answers: ExportLogsServiceResponse to a batch it took,
 * google.rpc.Status (or any text) to one it did not.
 *
 * The bytes come from the network: every length is checked, and what is not
 * understood is left out.  Pure functions.
 */
#ifndef LOGTAP_EXPORT_OTLP_RESPONSE_H
#define LOGTAP_EXPORT_OTLP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct logtap_otlp_response {
	uint64_t rejected; /* log records, of a batch that was taken */
	char message[200]; /* one line of valid UTF-8; empty: none */
};

/* The receiver took the batch (2xx): partial_success, in protobuf or JSON as
 * @content_type says.  Return: false if the body is neither. */
bool logtap_otlp_response_taken(struct logtap_otlp_response *out,
				const char *content_type,
				const unsigned char *body, size_t bytes);

/* It did not: the message of the status, or the beginning of the body. */
void logtap_otlp_response_refused(struct logtap_otlp_response *out,
				  const char *content_type,
				  const unsigned char *body, size_t bytes);

#endif
