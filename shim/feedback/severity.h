/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The severity of what is about to be captured, as far as its sender gives one.
 */
#ifndef LOGTAP_FEEDBACK_SEVERITY_H
#define LOGTAP_FEEDBACK_SEVERITY_H

#include "../sink/capture.h"

#include <sys/uio.h>

/* SeverityNumber, 1 to 24; 0: it has none (a line of a stream).  @part: the
 * first bytes of a datagram or an event; NULL: there is none yet. */
uint32_t logtap_severity_of_chunk(const struct logtap_stamp *stamp,
				  const struct iovec *part);

#endif
