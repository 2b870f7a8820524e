/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded channel of events: many senders, receivers in any thread.  A ring
 * of bytes under a lock that is only ever tried: a sender that does not get it
 * within some turns drops, so that nobody waits for a thread that was
 * interrupted while it held it. */
#include "../arch/syscall.h"
#include "../bytes.h"
#include "api.h"

#include <time.h>

#define TURNS 20000
#define WAIT_STEP_NS 100000
#define EVENT_BYTES_MAX 16384

struct logtap_channel {
	size_t bytes; /* of data */
	size_t memory_bytes;
	int policy;
	uint64_t deadline_ns;
	_Atomic uint32_t locked;
	uint64_t head; /* positions count up; the offset is modulo bytes */
	uint64_t tail;
	_Atomic uint64_t emitted;
	_Atomic uint64_t delivered;
	_Atomic uint64_t dropped;
	unsigned char data[];
};

struct logtap_channel *logtap_channel_new(size_t bytes, int policy,
					  unsigned deadline_ms)
{
	struct logtap_channel *channel;
	size_t memory_bytes = sizeof *channel + bytes + LOGTAP_PAGE_BYTES;

	if (bytes > SIZE_MAX / 4)
		return NULL;
	memory_bytes &= ~(size_t)(LOGTAP_PAGE_BYTES - 1);
	channel = logtap_memory_new(memory_bytes);
	if (!channel)
		return NULL;
	channel->memory_bytes = memory_bytes;
	channel->bytes = memory_bytes - sizeof *channel;
	channel->policy = policy;
	channel->deadline_ns = (uint64_t)deadline_ms * 1000000;
	return channel;
}

void logtap_channel_free(struct logtap_channel *channel)
{
	logtap_memory_free(channel, channel->memory_bytes);
}

static bool lock(struct logtap_channel *channel)
{
	for (int turn = 0; turn < TURNS; turn++)
		if (!atomic_exchange_explicit(&channel->locked, 1,
					      memory_order_acquire))
			return true;
	return false;
}

static void unlock(struct logtap_channel *channel)
{
	atomic_store_explicit(&channel->locked, 0, memory_order_release);
}

static void copy_in(struct logtap_channel *channel, uint64_t at,
		    const void *from, size_t size)
{
	size_t offset = at % channel->bytes;
	size_t first = channel->bytes - offset;

	if (first > size)
		first = size;
	logtap_bytes_copy(channel->data + offset, from, first);
	logtap_bytes_copy(channel->data, (const unsigned char *)from + first,
			  size - first);
}

static void copy_out(const struct logtap_channel *channel, uint64_t at,
		     void *to, size_t size)
{
	size_t offset = at % channel->bytes;
	size_t first = channel->bytes - offset;

	if (first > size)
		first = size;
	logtap_bytes_copy(to, channel->data + offset, first);
	logtap_bytes_copy((unsigned char *)to + first, channel->data,
			  size - first);
}

/* Under the lock. */
static void evict(struct logtap_channel *channel)
{
	uint32_t size;

	copy_out(channel, channel->tail, &size, sizeof size);
	channel->tail += sizeof size + size;
	atomic_fetch_add(&channel->dropped, 1);
}

static bool try_send(struct logtap_channel *channel, const void *bytes,
		     uint32_t size)
{
	uint64_t need = sizeof size + size;
	bool sent = false;

	if (need > channel->bytes || !lock(channel))
		return false;
	while (channel->policy == LOGTAP_CHANNEL_DROP_OLDEST &&
	       channel->head + need - channel->tail > channel->bytes)
		evict(channel);
	if (channel->head + need - channel->tail <= channel->bytes) {
		copy_in(channel, channel->head, &size, sizeof size);
		copy_in(channel, channel->head + sizeof size, bytes, size);
		channel->head += need;
		sent = true;
	}
	unlock(channel);
	return sent;
}

void logtap_channel_send(struct logtap_channel *channel,
			 const struct logtap_event_view *event)
{
	unsigned char bytes[EVENT_BYTES_MAX];
	size_t size = logtap_event_encode(bytes, sizeof bytes, event);
	struct timespec step = {0, WAIT_STEP_NS};
	uint64_t waited = 0;

	atomic_fetch_add(&channel->emitted, 1);
	while (size <= sizeof bytes) {
		if (try_send(channel, bytes, (uint32_t)size))
			return;
		if (channel->policy != LOGTAP_CHANNEL_BLOCK ||
		    size + sizeof(uint32_t) > channel->bytes ||
		    waited >= channel->deadline_ns)
			break;
		logtap_sys2(SYS_nanosleep, (long)&step, 0);
		waited += WAIT_STEP_NS;
	}
	atomic_fetch_add(&channel->dropped, 1);
}

int logtap_channel_take(struct logtap_channel *channel,
			logtap_sink_function *function, void *context)
{
	unsigned char bytes[EVENT_BYTES_MAX];
	uint32_t size = 0;

	if (!lock(channel))
		return 0;
	if (channel->head != channel->tail) {
		copy_out(channel, channel->tail, &size, sizeof size);
		copy_out(channel, channel->tail + sizeof size, bytes, size);
		channel->tail += sizeof size + size;
		atomic_fetch_add(&channel->delivered, 1);
	}
	unlock(channel);
	if (!size)
		return 0;
	logtap_event_decode(bytes, size, function, context);
	return 1;
}

void logtap_channel_stats(const struct logtap_channel *channel,
			  struct logtap_sink_stats *out)
{
	out->delivered = atomic_load(&channel->delivered);
	out->dropped = atomic_load(&channel->dropped);
	out->emitted = atomic_load(&channel->emitted);
	out->waiting = out->emitted - out->delivered - out->dropped;
}
