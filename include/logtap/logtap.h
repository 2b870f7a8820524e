/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * logtap.h - the API for programs, plugins and language runtimes
 *
 * One header, nothing to link: every function is a weak symbol that
 * liblogtap.so provides when the program runs under `logtap run` (or with the
 * library preloaded).  Without it every call is a branch that does nothing and
 * returns what the text below names "unpreloaded".
 *
 * C99 and C++98.  Unless a function says otherwise it may be called by any
 * thread at any time, does not allocate through malloc, does not touch errno,
 * and is not for signal handlers.  Strings are UTF-8; keys, names and targets
 * are copied where they are kept.  Time is taken by the library.
 *
 * Terms are those of OpenTelemetry: severity numbers 1 to 24 and trace context
 * as in its specification ("Logs Data Model", W3C Trace Context).
 */
#ifndef LOGTAP_LOGTAP_H
#define LOGTAP_LOGTAP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LOGTAP_API_VERSION 1
#ifndef LOGTAP_WEAK
#define LOGTAP_WEAK __attribute__((weak))
#endif

#ifndef LOGTAP_CALL
/* Calls a function if the library is there, else gives @otherwise. */
#define LOGTAP_CALL(function, arguments, otherwise) \
	((function) ? (function)arguments : (otherwise))
#define LOGTAP_DO(function, arguments) \
	((function) ? (function)arguments : (void)0)
#endif

/* What a function would have filled in, unpreloaded. */
static inline void logtap_clear(void *out, size_t bytes)
{
	unsigned char *at = (unsigned char *)out;
	while (bytes--)
		*at++ = 0;
}
#ifndef LOGTAP_FILL
#define LOGTAP_FILL(function, arguments, out) \
	((function) ? (function)arguments : logtap_clear(out, sizeof *(out)))
#endif

/* ------------------------------------------------ marks and the guard -- */

/* LOGTAP_API_VERSION of the library, 0 unpreloaded. */
extern LOGTAP_WEAK unsigned logtap_api_version(void);
#define logtap_api_version() LOGTAP_CALL(logtap_api_version, (), 0u)

/* 1 if what this thread logs is captured now: the library captures, the thread
 * is not marked, and no guard is entered.  One thread-local load or two; also
 * in signal handlers.  Unpreloaded: 0. */
extern LOGTAP_WEAK int logtap_enabled(void);
#define logtap_enabled() LOGTAP_CALL(logtap_enabled, (), 0)

/* Marks the calling thread as telemetry's own (@on not 0) or takes one mark
 * back; marks nest.  Nothing that a marked thread writes is captured (it is
 * counted as suppressed and reaches its destination); threads that it creates
 * are marked as well. */
extern LOGTAP_WEAK void logtap_thread_mark_internal(int on);
#define logtap_thread_mark_internal(on) \
	LOGTAP_DO(logtap_thread_mark_internal, (on))

/* Enters the calling thread's dispatch guard.  Return: 1 if entered; 0 if it
 * is held already, then there is nothing to leave.  While it is held, what the
 * thread writes passes through uncaptured and is counted as reentrant.  One
 * that a longjmp, an exception or a cancellation left behind ends when the
 * thread next logs from a frame further out.  Unpreloaded: 1. */
extern LOGTAP_WEAK int logtap_guard_enter_at(const void *frame);
#define logtap_guard_enter() \
	LOGTAP_CALL(logtap_guard_enter_at, (__builtin_frame_address(0)), 1)
extern LOGTAP_WEAK void logtap_guard_leave_at(const void *frame);
#define logtap_guard_leave() \
	LOGTAP_DO(logtap_guard_leave_at, (__builtin_frame_address(0)))

/* Starts a joinable thread called @name (15 bytes count) that is marked from
 * its first instruction and whose events go to the raw sink.  @thread: a
 * pthread_t.  Return: 0 or an error number of pthread_create(3); unpreloaded:
 * ENOSYS (38). */
extern LOGTAP_WEAK int logtap_spawn_internal(const char *name,
					     void *(*function)(void *),
					     void *argument, void *thread);
#define logtap_spawn_internal(name, function, argument, thread)                \
	LOGTAP_CALL(logtap_spawn_internal, (name, function, argument, thread), \
		    38)

/* ------------------------------------------------------------- events -- */

enum logtap_severity {
	LOGTAP_TRACE = 1,
	LOGTAP_DEBUG = 5,
	LOGTAP_INFO = 9,
	LOGTAP_WARN = 13,
	LOGTAP_ERROR = 17,
	LOGTAP_FATAL = 21,
	LOGTAP_OFF = 25
};

enum logtap_attribute_kind {
	LOGTAP_KIND_END = 0,
	LOGTAP_KIND_STRING = 1,
	LOGTAP_KIND_BOOL = 2,
	LOGTAP_KIND_INT = 3,
	LOGTAP_KIND_DOUBLE = 4,
	LOGTAP_KIND_BYTES = 7,
	LOGTAP_KIND_BODY = 8 /* the text of the record; has no key */
};

/* One typed attribute; made by the functions below. */
struct logtap_attr {
	const char *key;
	uint32_t kind;	/* enum logtap_attribute_kind */
	uint32_t bytes; /* of data */
	int64_t integer;
	double real;
	const void *data; /* borrowed for the call */
};

static inline struct logtap_attr logtap_attr_make(const char *key,
						  uint32_t kind)
{
	struct logtap_attr attr;
	attr.key = key;
	attr.kind = kind;
	attr.bytes = 0;
	attr.integer = 0;
	attr.real = 0;
	attr.data = 0;
	return attr;
}

static inline struct logtap_attr logtap_attr_data(const char *key,
						  uint32_t kind,
						  const void *data,
						  size_t bytes)
{
	struct logtap_attr attr = logtap_attr_make(key, kind);
	attr.data = data;
	attr.bytes = bytes > 0xffffffffu ? 0xffffffffu : (uint32_t)bytes;
	return attr;
}

static inline struct logtap_attr logtap_attr_text(const char *key,
						  uint32_t kind,
						  const char *text)
{
	size_t bytes = 0;
	while (text && text[bytes])
		bytes++;
	return logtap_attr_data(key, kind, text, bytes);
}

static inline struct logtap_attr logtap_attr_int(const char *key, int64_t value)
{
	struct logtap_attr attr = logtap_attr_make(key, LOGTAP_KIND_INT);
	attr.integer = value;
	return attr;
}

static inline struct logtap_attr logtap_attr_bool(const char *key, int value)
{
	struct logtap_attr attr = logtap_attr_make(key, LOGTAP_KIND_BOOL);
	attr.integer = value != 0;
	return attr;
}

static inline struct logtap_attr logtap_attr_double(const char *key,
						    double value)
{
	struct logtap_attr attr = logtap_attr_make(key, LOGTAP_KIND_DOUBLE);
	attr.real = value;
	return attr;
}

#define LOGTAP_STR(key, text) logtap_attr_text(key, LOGTAP_KIND_STRING, text)
#define LOGTAP_STRN(key, text, bytes) \
	logtap_attr_data(key, LOGTAP_KIND_STRING, text, bytes)
#define LOGTAP_INT(key, value) logtap_attr_int(key, value)
#define LOGTAP_BOOL(key, value) logtap_attr_bool(key, value)
#define LOGTAP_DOUBLE(key, value) logtap_attr_double(key, value)
#define LOGTAP_BYTES(key, data, bytes) \
	logtap_attr_data(key, LOGTAP_KIND_BYTES, data, bytes)
#define LOGTAP_BODY(text) logtap_attr_text(0, LOGTAP_KIND_BODY, text)
#define LOGTAP_END logtap_attr_make(0, LOGTAP_KIND_END)

/* At most so many attributes of an event are kept; the rest is counted in
 * dropped_attributes_count. */
#define LOGTAP_ATTRIBUTES_MAX 128

/* 1 if an event of @severity for @target would go anywhere: the thread is
 * enabled, and the thresholds (LOGTAP_LEVEL="info,h2=off", or those that the
 * collector sets) let it pass.  The longest prefix of @target wins. */
extern LOGTAP_WEAK int logtap_event_enabled(int severity, const char *target);

/* Sends an event to the thread's sink: the innermost scoped one, else the
 * global one, else the ring.  @attributes end with LOGTAP_END. */
extern LOGTAP_WEAK void logtap_event_emit(int severity, const char *target,
					  const char *name,
					  const struct logtap_attr *attributes);

/* logtap_event(LOGTAP_INFO, "app.db", "query", LOGTAP_INT("rows", n()),
 *              LOGTAP_END);
 * No argument behind @name is evaluated when the event is not enabled. */
#define logtap_event(severity, target, name, ...)                           \
	do {                                                                \
		if (LOGTAP_CALL(logtap_event_enabled, (severity, target),   \
				0)) {                                       \
			const struct logtap_attr logtap_attrs_[] = {        \
				__VA_ARGS__};                               \
			LOGTAP_DO(logtap_event_emit,                        \
				  (severity, target, name, logtap_attrs_)); \
		}                                                           \
	} while (0)

/* -------------------------------------------------------------- sinks -- */

struct logtap_sink_object; /* opaque */

/* What a callback sink sees; borrowed for the call. */
struct logtap_event_view {
	int severity;
	const char *target;
	const char *name;
	const struct logtap_attr *attributes; /* up to LOGTAP_KIND_END */
};

typedef void logtap_sink_function(void *context,
				  const struct logtap_event_view *event);

/* Sinks that always exist: drops; one line on standard error, uncaptured; the
 * collector.  Unpreloaded: NULL, which every function accepts. */
extern LOGTAP_WEAK struct logtap_sink_object *logtap_sink_null(void);
extern LOGTAP_WEAK struct logtap_sink_object *logtap_sink_raw(void);
extern LOGTAP_WEAK struct logtap_sink_object *logtap_sink_ring(void);
#define logtap_sink_null() \
	LOGTAP_CALL(logtap_sink_null, (), (struct logtap_sink_object *)0)
#define logtap_sink_raw() \
	LOGTAP_CALL(logtap_sink_raw, (), (struct logtap_sink_object *)0)
#define logtap_sink_ring() \
	LOGTAP_CALL(logtap_sink_ring, (), (struct logtap_sink_object *)0)

/* A sink that calls @function in the emitting thread, under the guard: what it
 * logs itself passes through, uncaptured, an event of its own goes nowhere, and
 * either is counted as reentrant.
 * Return: owned by the caller; NULL when 64 exist. */
extern LOGTAP_WEAK struct logtap_sink_object *logtap_sink_callback_new(
	logtap_sink_function *function, void *context);
#define logtap_sink_callback_new(function, context)                \
	LOGTAP_CALL(logtap_sink_callback_new, (function, context), \
		    (struct logtap_sink_object *)0)

enum logtap_channel_policy {
	LOGTAP_CHANNEL_DROP_NEWEST = 0,
	LOGTAP_CHANNEL_DROP_OLDEST = 1,
	LOGTAP_CHANNEL_BLOCK = 2 /* up to the deadline, then drop */
};

/* A sink over a bounded channel of @bytes (rounded up to whole pages).
 * Emitting never blocks but under LOGTAP_CHANNEL_BLOCK, for @deadline_ms.
 * Return: owned by the caller; NULL without memory. */
extern LOGTAP_WEAK struct logtap_sink_object *logtap_sink_channel_new(
	size_t bytes, int policy, unsigned deadline_ms);
#define logtap_sink_channel_new(bytes, policy, deadline_ms)                \
	LOGTAP_CALL(logtap_sink_channel_new, (bytes, policy, deadline_ms), \
		    (struct logtap_sink_object *)0)

/* Takes the oldest event out of a channel and shows it to @function in the
 * calling thread.  Return: 1, or 0 if the channel is empty. */
extern LOGTAP_WEAK int logtap_channel_receive(
	struct logtap_sink_object *channel, logtap_sink_function *function,
	void *context);
#define logtap_channel_receive(channel, function, context) \
	LOGTAP_CALL(logtap_channel_receive, (channel, function, context), 0)

/* Exact at any time: emitted = delivered + dropped + waiting. */
struct logtap_sink_stats {
	uint64_t emitted;
	uint64_t delivered;
	uint64_t dropped;
	uint64_t waiting;
};
extern LOGTAP_WEAK void logtap_sink_stats(const struct logtap_sink_object *sink,
					  struct logtap_sink_stats *out);
#define logtap_sink_stats(sink, out) \
	LOGTAP_FILL(logtap_sink_stats, (sink, out), out)

/* Frees a callback or channel sink.  Return: 0; EBUSY (16) while it is pushed
 * somewhere or the global sink; EINVAL (22) for the sinks that always exist. */
extern LOGTAP_WEAK int logtap_sink_free(struct logtap_sink_object *sink);
#define logtap_sink_free(sink) LOGTAP_CALL(logtap_sink_free, (sink), 0)

/* Sets the sink of all threads that have none of their own, once for the
 * process.  Return: 0; EEXIST (17) if one is set. */
extern LOGTAP_WEAK int logtap_sink_set_global(struct logtap_sink_object *sink);
#define logtap_sink_set_global(sink) \
	LOGTAP_CALL(logtap_sink_set_global, (sink), 0)

/* Scoped sinks: a stack of each thread, 16 deep.  push returns a token, 0 if
 * the stack is full.  pop takes the innermost one off.  Return: 0; EINVAL (22)
 * if @token is not the innermost, EPERM (1) if it is another thread's: then
 * nothing has changed.  What a thread has left when it ends goes with it. */
extern LOGTAP_WEAK uint64_t logtap_sink_push(struct logtap_sink_object *sink);
/* As push, for callback and channel sinks alone (0 for others): what the thread
 * writes meanwhile to captured streams and by syslog(3) goes to the sink, too,
 * and not to the collector, as an event without a name whose body is what the
 * call wrote; severity 0 when it has none.  The function then runs inside of
 * write(2), in a signal handler if one writes: it should do little. */
extern LOGTAP_WEAK uint64_t
logtap_sink_push_capturing(struct logtap_sink_object *sink);
extern LOGTAP_WEAK int logtap_sink_pop(uint64_t token);
#define logtap_sink_push(sink) \
	LOGTAP_CALL(logtap_sink_push, (sink), (uint64_t)0)
#define logtap_sink_push_capturing(sink) \
	LOGTAP_CALL(logtap_sink_push_capturing, (sink), (uint64_t)0)
#define logtap_sink_pop(token) LOGTAP_CALL(logtap_sink_pop, (token), 0)

/* Runs @function with @sink as the thread's sink.  Return: what it returned.  A
 * longjmp or an exception out of it ends that, and what was pushed inside. */
extern LOGTAP_WEAK void *logtap_with_sink(struct logtap_sink_object *sink,
					  void *(*function)(void *),
					  void *argument);
#define logtap_with_sink(sink, function, argument)                \
	LOGTAP_CALL(logtap_with_sink, (sink, function, argument), \
		    (function)(argument))

static inline void logtap_sink_scope_end(uint64_t *token)
{
	if (*token)
		(void)logtap_sink_pop(*token);
}
/* A sink until the end of the enclosing block. */
#define LOGTAP_SINK_SCOPE(sink)                                           \
	uint64_t logtap_scope_                                            \
		__attribute__((cleanup(logtap_sink_scope_end), unused)) = \
			logtap_sink_push(sink)

/* -------------------------------------------------------------- spans -- */

typedef uint64_t logtap_span; /* 0: none */

/* A span below @parent (0: below the thread's current one, else below the
 * TRACEPARENT that the process was started with, else a new trace).  It holds
 * one reference for the caller.  Return: 0 when 4,096 are open. */
extern LOGTAP_WEAK logtap_span logtap_span_new(const char *name,
					       logtap_span parent);
#define logtap_span_new(name, parent) \
	LOGTAP_CALL(logtap_span_new, (name, parent), (logtap_span)0)
/* One reference more; one less.  A span closes when its last reference and its
 * last child are gone.  Return: 1; 0 if there is no such span. */
extern LOGTAP_WEAK int logtap_span_ref(logtap_span span);
extern LOGTAP_WEAK int logtap_span_close(logtap_span span);
#define logtap_span_ref(span) LOGTAP_CALL(logtap_span_ref, (span), 0)
#define logtap_span_close(span) LOGTAP_CALL(logtap_span_close, (span), 0)
/* Called with each span that closes, in that order; one for the process. */
typedef void logtap_span_closed_function(logtap_span span, const char *name);
extern LOGTAP_WEAK void logtap_span_on_close(
	logtap_span_closed_function *function);
#define logtap_span_on_close(function) \
	LOGTAP_DO(logtap_span_on_close, (function))

/* The thread's stack of entered spans, 64 deep.  A span that is on it already
 * is entered as a duplicate.  Return of enter: 1, 0 for a duplicate, -1 if the
 * stack is full or there is no such span.  exit takes the topmost entry of
 * @span off, wherever it stands.  Return: 1; 0 if that was a duplicate or none
 * is there.  current: the topmost that is no duplicate; 0: none.  What the
 * thread logs meanwhile, by whatever way, carries the current span. */
extern LOGTAP_WEAK int logtap_span_enter(logtap_span span);
extern LOGTAP_WEAK int logtap_span_exit(logtap_span span);
extern LOGTAP_WEAK logtap_span logtap_span_current(void);
#define logtap_span_enter(span) LOGTAP_CALL(logtap_span_enter, (span), -1)
#define logtap_span_exit(span) LOGTAP_CALL(logtap_span_exit, (span), 0)
#define logtap_span_current() \
	LOGTAP_CALL(logtap_span_current, (), (logtap_span)0)

/* W3C ids of a span.  Return: 1; 0 if there is no such span. */
struct logtap_span_context {
	unsigned char trace_id[16];
	unsigned char span_id[8];
	unsigned char flags; /* 1: sampled */
};
extern LOGTAP_WEAK int logtap_span_context(logtap_span span,
					   struct logtap_span_context *out);
#define logtap_span_context(span, out) \
	LOGTAP_CALL(logtap_span_context, (span, out), 0)
/* "00-TRACE-SPAN-FLAGS" and NUL, 56 bytes: for TRACEPARENT of a child. */
extern LOGTAP_WEAK int logtap_span_traceparent(logtap_span span, char out[56]);
#define logtap_span_traceparent(span, out) \
	LOGTAP_CALL(logtap_span_traceparent, (span, out), 0)

/* ------------------------------------------------------------ buffers -- */

/* Bytes that are kept until they are wanted: evicts the oldest records until
 * the new one fits.  Not thread-safe. */
struct logtap_buffer; /* opaque */

/* @capacity in bytes of records; 0: 65,536.  Return: owned by the caller; NULL
 * without memory. */
extern LOGTAP_WEAK struct logtap_buffer *logtap_buffer_new(size_t capacity);
extern LOGTAP_WEAK void logtap_buffer_free(struct logtap_buffer *buffer);
/* A record larger than the buffer is cut at a character's end.  Return: bytes
 * that were kept. */
extern LOGTAP_WEAK size_t logtap_buffer_push(struct logtap_buffer *buffer,
					     int severity, const char *text,
					     size_t bytes);
struct logtap_buffer_stats {
	uint64_t bytes;	  /* of records in it */
	uint64_t records; /* in it */
	uint64_t evicted; /* records, since the beginning */
	uint64_t cut;	  /* records that were too large */
};
extern LOGTAP_WEAK void logtap_buffer_stats(const struct logtap_buffer *buffer,
					    struct logtap_buffer_stats *out);
/* Shows every record, oldest first, and empties the buffer.  Return: records
 * shown.  @original_bytes: what was given to push. */
typedef void logtap_buffer_function(void *context, int severity,
				    const char *text, size_t bytes,
				    size_t original_bytes);
extern LOGTAP_WEAK size_t logtap_buffer_drain(struct logtap_buffer *buffer,
					      logtap_buffer_function *function,
					      void *context);
/* Emits every record as an event of @target and empties the buffer; @sink NULL
 * is the thread's own.  An empty buffer emits nothing.  Return: events. */
extern LOGTAP_WEAK size_t logtap_buffer_flush(struct logtap_buffer *buffer,
					      const char *target,
					      struct logtap_sink_object *sink);
#define logtap_buffer_stats(buffer, out) \
	LOGTAP_FILL(logtap_buffer_stats, (buffer, out), out)
#define logtap_buffer_new(capacity) \
	LOGTAP_CALL(logtap_buffer_new, (capacity), (struct logtap_buffer *)0)
#define logtap_buffer_free(buffer) LOGTAP_DO(logtap_buffer_free, (buffer))
#define logtap_buffer_push(buffer, severity, text, bytes)                \
	LOGTAP_CALL(logtap_buffer_push, (buffer, severity, text, bytes), \
		    (size_t)0)
#define logtap_buffer_drain(buffer, function, context) \
	LOGTAP_CALL(logtap_buffer_drain, (buffer, function, context), (size_t)0)
#define logtap_buffer_flush(buffer, target, sink) \
	LOGTAP_CALL(logtap_buffer_flush, (buffer, target, sink), (size_t)0)

/* ------------------------------------------------ counters and gauges -- */

typedef uint32_t logtap_metric; /* 0: none; adding to it does nothing */

/* A metric of the process, found by its name or made.  @name: a letter, then
 * letters, digits and _ . - /, at most 63 bytes; @unit: of UCUM ("By", "s",
 * "{request}"), at most 15, or NULL.  Return: 0 for a name or unit that is
 * none, when a metric of the other kind has the name, or when the process (with
 * those it was forked from) has 64; unpreloaded: 0. */
extern LOGTAP_WEAK logtap_metric logtap_counter_new(const char *name,
						    const char *unit);
extern LOGTAP_WEAK logtap_metric logtap_gauge_new(const char *name,
						  const char *unit);

/* Each thread counts in shared memory of its own, so that nothing is waited
 * for and nothing is lost, whatever way the thread ends.  A counter is the sum
 * over all threads that ever added to it; a gauge is the sum of what the
 * living ones have set.  A forked child begins at 0.  Also in signal handlers
 * of a thread that has used one before. */
extern LOGTAP_WEAK void logtap_counter_add(logtap_metric counter,
					   uint64_t amount);
extern LOGTAP_WEAK void logtap_gauge_set(logtap_metric gauge, int64_t value);
extern LOGTAP_WEAK void logtap_gauge_add(logtap_metric gauge, int64_t amount);
#define logtap_counter_new(name, unit) \
	LOGTAP_CALL(logtap_counter_new, (name, unit), (logtap_metric)0)
#define logtap_gauge_new(name, unit) \
	LOGTAP_CALL(logtap_gauge_new, (name, unit), (logtap_metric)0)
#define logtap_counter_add(counter, amount) \
	LOGTAP_DO(logtap_counter_add, (counter, amount))
#define logtap_gauge_set(gauge, value) \
	LOGTAP_DO(logtap_gauge_set, (gauge, value))
#define logtap_gauge_add(gauge, amount) \
	LOGTAP_DO(logtap_gauge_add, (gauge, amount))

/* ------------------------------------------------- objects per thread -- */

/* A value of @bytes for each (object, thread), zeros at first, which its owner
 * can walk while threads come and go; values of ended threads stay until the
 * object is freed. */
struct logtap_per_thread; /* opaque */
extern LOGTAP_WEAK struct logtap_per_thread *logtap_per_thread_new(
	size_t bytes);
/* No thread may use it any more. */
extern LOGTAP_WEAK void logtap_per_thread_free(
	struct logtap_per_thread *object);
/* The calling thread's value; NULL without memory. */
extern LOGTAP_WEAK void *logtap_per_thread_get(
	struct logtap_per_thread *object);
/* @tid: of the thread that made the value.  Return: values shown. */
typedef void logtap_per_thread_function(void *context, uint32_t tid,
					void *value);
extern LOGTAP_WEAK size_t
logtap_per_thread_walk(struct logtap_per_thread *object,
		       logtap_per_thread_function *function, void *context);
#define logtap_per_thread_new(bytes)                \
	LOGTAP_CALL(logtap_per_thread_new, (bytes), \
		    (struct logtap_per_thread *)0)
#define logtap_per_thread_free(object) \
	LOGTAP_DO(logtap_per_thread_free, (object))
#define logtap_per_thread_get(object) \
	LOGTAP_CALL(logtap_per_thread_get, (object), (void *)0)
#define logtap_per_thread_walk(object, function, context)                \
	LOGTAP_CALL(logtap_per_thread_walk, (object, function, context), \
		    (size_t)0)

#ifdef __cplusplus
}
#endif

#endif
