/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which addresses are OTLP endpoints: the well-known ports, what the standard
 * OTEL_EXPORTER_OTLP_*ENDPOINT variables name, and LOGTAP_OTLP_ENDPOINTS.
 *
 * A literal address (or localhost) is matched as it is; of a name only the port
 * is known, and the ports of the web are not taken by that alone.
 */
#ifndef LOGTAP_FEEDBACK_ENDPOINT_H
#define LOGTAP_FEEDBACK_ENDPOINT_H

#include <stdint.h>
#include <sys/socket.h>

/* In the constructor. */
void logtap_endpoint_init(char **envp);

/* What a socket's address says of it; the length is the caller's. */
struct logtap_endpoint {
	uint16_t family; /* AF_INET, AF_INET6, AF_UNIX */
	uint16_t port;	 /* in host order */
	uint16_t known;	 /* LOGTAP_EVIDENCE_BY_PORT, _CONFIGURED; 0: none */
	unsigned char address[16];
};

/* Reads @address, which the kernel has read before.  Safe everywhere. */
struct logtap_endpoint logtap_endpoint_of(const struct sockaddr *address,
					  socklen_t bytes);

#endif
