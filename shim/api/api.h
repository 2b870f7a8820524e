/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the files of the API share; the contracts are in logtap/logtap.h.
 *
 * All of it runs in the host's threads, outside signal handlers.
 */
#ifndef LOGTAP_API_API_H
#define LOGTAP_API_API_H

#define LOGTAP_WEAK __attribute__((visibility("default")))
#define LOGTAP_CALL(function, arguments, otherwise) ((function)arguments)
#define LOGTAP_DO(function, arguments) ((function)arguments)
#define LOGTAP_FILL(function, arguments, out) ((function)arguments)
#include <logtap/logtap.h>

/* In here the functions themselves are meant. */
#undef logtap_api_version
#undef logtap_enabled
#undef logtap_thread_mark_internal
#undef logtap_guard_enter
#undef logtap_guard_leave
#undef logtap_spawn_internal
#undef logtap_sink_null
#undef logtap_sink_raw
#undef logtap_sink_ring
#undef logtap_sink_callback_new
#undef logtap_sink_channel_new
#undef logtap_channel_receive
#undef logtap_sink_stats
#undef logtap_sink_free
#undef logtap_sink_set_global
#undef logtap_sink_push
#undef logtap_sink_pop
#undef logtap_sink_push_capturing
#undef logtap_with_sink
#undef logtap_span_new
#undef logtap_span_ref
#undef logtap_span_close
#undef logtap_span_on_close
#undef logtap_span_enter
#undef logtap_span_exit
#undef logtap_span_current
#undef logtap_span_context
#undef logtap_span_traceparent
#undef logtap_buffer_new
#undef logtap_buffer_free
#undef logtap_buffer_push
#undef logtap_buffer_stats
#undef logtap_buffer_drain
#undef logtap_buffer_flush
#undef logtap_counter_new
#undef logtap_counter_add
#undef logtap_gauge_new
#undef logtap_gauge_set
#undef logtap_gauge_add
#undef logtap_per_thread_new
#undef logtap_per_thread_free
#undef logtap_per_thread_get
#undef logtap_per_thread_walk

#include "../guard/tls.h"
#include "../sink/capture.h"

/* Memory by mmap(2), zeros; @bytes is remembered by the caller. */
void *logtap_memory_new(size_t bytes);
void logtap_memory_free(void *memory, size_t bytes);

/* Reads LOGTAP_LEVEL, in the constructor. */
void logtap_level_init(const char *value);

/* An event as bytes (logtap/abi/event.h).  Return: bytes that it has; it is
 * whole in @to if that is at most @room. */
size_t logtap_event_encode(unsigned char *to, size_t room,
			   const struct logtap_event_view *event);
/* Shows encoded bytes; @bytes were made by logtap_event_encode(). */
void logtap_event_decode(const unsigned char *from, size_t bytes,
			 logtap_sink_function *function, void *context);

/* Into the calling thread's ring. */
void logtap_event_to_ring(const struct logtap_event_view *event);

/* Gives @event to @sink; NULL: the thread's own. */
void logtap_sink_emit(struct logtap_sink_object *sink,
		      const struct logtap_event_view *event);

/* Has the calling thread pushed the raw sink? */
bool logtap_sink_is_raw(void);

/* Channels: shim/api/channel.c. */
struct logtap_channel;
struct logtap_channel *logtap_channel_new(size_t bytes, int policy,
					  unsigned deadline_ms);
void logtap_channel_free(struct logtap_channel *channel);
void logtap_channel_send(struct logtap_channel *channel,
			 const struct logtap_event_view *event);
int logtap_channel_take(struct logtap_channel *channel,
			logtap_sink_function *function, void *context);
void logtap_channel_stats(const struct logtap_channel *channel,
			  struct logtap_sink_stats *out);

#endif
