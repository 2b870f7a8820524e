/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Batches and exports of ours, and the headers that they carry: see loops.h.
 * The pipeline's thread, and those of the destinations. */
#include "../export/batch.h"
#include "../intake/clock.h"
#include "model.h"

#include <stdio.h>
#include <string.h>

/* One more record of a batch. */
static void mix(struct logtap_loops_batch *batch, uint16_t effect)
{
	size_t i = 0;

	while (i < batch->mix_count && batch->mix[i].effect != effect)
		i++;
	if (i == LOGTAP_LOOPS_MIX) {
		batch->mixed = true;
		return;
	}
	if (i == batch->mix_count)
		batch->mix[batch->mix_count++].effect = effect;
	batch->mix[i].records++;
}

void logtap_loops_submit(struct logtap_loops *loops,
			 const struct logtap_batch *from)
{
	size_t records = logtap_batch_records(from);

	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_batch *batch =
		&loops->batches[loops->next_batch++ % LOGTAP_LOOPS_BATCHES];
	*batch = (struct logtap_loops_batch){
		.serial = logtap_batch_serial(from),
		.records = (uint32_t)records,
	};
	for (; records && loops->open_first < loops->open_end; records--) {
		size_t at = loops->open_first++ % LOGTAP_LOOPS_OPEN;
		mix(batch, loops->open[at].effect);
		batch->bytes += loops->open[at].bytes;
		if (loops->open[at].hop > batch->hop)
			batch->hop = loops->open[at].hop;
	}
	batch->mixed |= records > 0;
	if (batch->hop)
		memcpy(batch->via, loops->open_via, sizeof(batch->via));
	pthread_mutex_unlock(&loops->lock);
}

static uint64_t export_hold(void *context, unsigned destination)
{
	struct logtap_loops *loops = context;

	return destination < sizeof(loops->hold_until_ns) /
				       sizeof(loops->hold_until_ns[0])
		       ? atomic_load(&loops->hold_until_ns[destination])
		       : 0;
}

/* Nothing but records that exports have caused? */
static bool is_idle(struct logtap_loops *loops,
		    const struct logtap_loops_cause *cause,
		    const struct logtap_loops_batch *batch)
{
	if (cause->count && loops->own_records == cause->own_records)
		return true; /* sent again, or nothing new in it */
	if (!batch || batch->mixed)
		return false;
	for (size_t i = 0; i < batch->mix_count; i++)
		if (!logtap_loops_is_caused(
			    &loops->effects[batch->mix[i].effect]))
			return false;
	return batch->mix_count > 0;
}

static void begin_export(struct logtap_loops *loops,
			 struct logtap_loops_cause *cause, uint64_t serial)
{
	const struct logtap_loops_batch *batch =
		logtap_loops_batch_of(loops, serial);
	bool idle = is_idle(loops, cause, batch);
	struct logtap_loops_export *export =
		logtap_loops_export_begin(cause, logtap_now_realtime_ns());

	export->serial = serial;
	export->records = batch ? batch->records : 0;
	export->bytes = batch ? batch->bytes : 0;
	export->idle = idle;
	cause->own_records = loops->own_records;
	cause->idle_streak = idle ? cause->idle_streak + 1 : 0;
	if (cause->idle_streak == 1)
		cause->idle_since_ns = export->begin_ns;
}

static size_t export_begin(
	void *context, unsigned destination, const struct logtap_batch *batch,
	char headers[LOGTAP_EXPORT_HEADERS][LOGTAP_EXPORT_HEADER_BYTES])
{
	struct logtap_loops *loops = context;
	uint64_t serial = logtap_batch_serial(batch);
	char hop[16] = "", via[LOGTAP_INSTANCE_BYTES + 8] = "";

	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_cause *cause =
		logtap_loops_cause_own(loops, destination);
	if (cause)
		begin_export(loops, cause, serial);
	const struct logtap_loops_batch *known =
		logtap_loops_batch_of(loops, serial);
	if (known && known->hop)
		snprintf(hop, sizeof(hop), "+%u", known->hop);
	if (known && known->via[0])
		snprintf(via, sizeof(via), " via %s", known->via);
	pthread_mutex_unlock(&loops->lock);
	snprintf(headers[0], LOGTAP_EXPORT_HEADER_BYTES,
		 "logtap-instance: %s.%llu%s%s", loops->instance,
		 (unsigned long long)serial, hop, via);
	/* what receivers write into their access logs */
	snprintf(headers[1], LOGTAP_EXPORT_HEADER_BYTES,
		 "User-Agent: OTel-OTLP-Exporter-logtap/" LOGTAP_VERSION
		 " (%s%s%s)",
		 loops->instance, hop, via);
	return 2;
}

static bool is_another(const struct logtap_connection *a,
		       const struct logtap_connection *b)
{
	return a->local_port != b->local_port || a->peer_port != b->peer_port ||
	       strcmp(a->peer, b->peer) != 0 || strcmp(a->local, b->local) != 0;
}

static void export_end(void *context, unsigned destination,
		       const struct logtap_batch *batch,
		       const struct logtap_export_end *end)
{
	struct logtap_loops *loops = context;
	uint64_t serial = logtap_batch_serial(batch);

	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_cause *cause =
		logtap_loops_cause_own(loops, destination);
	struct logtap_loops_export *export =
		cause && cause->count ? &cause->exports[(cause->count - 1) %
							LOGTAP_LOOPS_EXPORTS]
				      : NULL;
	if (export && export->serial == serial) {
		export->end_ns = logtap_now_realtime_ns();
		export->failed = !end->taken;
		cause->failures += !end->taken;
	}
	if (cause && end->connection.peer_port &&
	    is_another(&cause->connection, &end->connection)) {
		cause->connection = end->connection;
		cause->connection_is_new = true;
		snprintf(cause->endpoint, sizeof(cause->endpoint),
			 strchr(end->connection.peer, ':') ? "[%s]:%u"
							   : "%s:%u",
			 end->connection.peer, end->connection.peer_port);
	}
	pthread_mutex_unlock(&loops->lock);
}

struct logtap_export_tap logtap_loops_export_tap(struct logtap_loops *loops)
{
	return (struct logtap_export_tap){
		.context = loops,
		.hold = export_hold,
		.begin = export_begin,
		.end = export_end,
	};
}
