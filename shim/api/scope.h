/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A thread's scoped sinks, and what a sink is.
 */
#ifndef LOGTAP_API_SCOPE_H
#define LOGTAP_API_SCOPE_H

#include "api.h"

enum sink_kind {
	SINK_FREE = 0,
	SINK_NULL,
	SINK_RAW,
	SINK_RING,
	SINK_CALLBACK,
	SINK_CHANNEL,
	SINK_TAKEN, /* being made */
};

struct logtap_sink_object {
	_Atomic uint32_t kind; /* enum sink_kind */
	_Atomic uint32_t uses; /* pushed, or global */
	logtap_sink_function *function;
	void *context;
	struct logtap_channel *channel;
	_Atomic uint64_t emitted;
	_Atomic uint64_t delivered;
};

/* The innermost scoped sink of @tls's thread, the calling one, else the
 * default. */
struct logtap_sink_object *logtap_scope_current(struct logtap_tls *tls);
/* The global sink, else the ring. */
struct logtap_sink_object *logtap_sink_default(void);

#endif
