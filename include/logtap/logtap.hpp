// SPDX-FileCopyrightText: 2026 logtap contributors
// SPDX-License-Identifier: Apache-2.0
//
// logtap.hpp - guards for the scopes of logtap.h, for C++11 and later.
//
// Each object ends what it began when it goes out of scope, by whatever way,
// exceptions included.  None may be copied, or used by two threads.
#ifndef LOGTAP_LOGTAP_HPP
#define LOGTAP_LOGTAP_HPP

#include <logtap/logtap.h>

namespace logtap
{

// A thread's sink until the end of the scope.
class ScopedSink
{
      public:
	explicit ScopedSink(logtap_sink_object *sink)
		: token_(logtap_sink_push(sink))
	{
	}
	// With what the thread writes to captured streams and by syslog.
	enum Capturing { capturing };
	ScopedSink(logtap_sink_object *sink, Capturing)
		: token_(logtap_sink_push_capturing(sink))
	{
	}
	// Was it pushed?
	explicit operator bool() const
	{
		return token_ != 0;
	}
	~ScopedSink()
	{
		if (token_)
			(void)logtap_sink_pop(token_);
	}
	ScopedSink(const ScopedSink &) = delete;
	ScopedSink &operator=(const ScopedSink &) = delete;

      private:
	uint64_t token_;
};

// Marks the thread as telemetry's own until the end of the scope.
class Internal
{
      public:
	Internal()
	{
		logtap_thread_mark_internal(1);
	}
	~Internal()
	{
		logtap_thread_mark_internal(0);
	}
	Internal(const Internal &) = delete;
	Internal &operator=(const Internal &) = delete;
};

// The thread's dispatch guard until the end of the scope, if nobody held it.
// Inlined, because the guard belongs to the frame that has the object.
class Guard
{
      public:
	__attribute__((always_inline)) Guard()
		: entered_(logtap_guard_enter() != 0)
	{
	}
	__attribute__((always_inline)) ~Guard()
	{
		if (entered_)
			logtap_guard_leave();
	}
	Guard(const Guard &) = delete;
	Guard &operator=(const Guard &) = delete;
	// Did this object enter it?
	explicit operator bool() const
	{
		return entered_;
	}

      private:
	bool entered_;
};

// A span that this object refers to.
class Span
{
      public:
	explicit Span(const char *name, logtap_span parent = 0)
		: id_(logtap_span_new(name, parent))
	{
	}
	~Span()
	{
		if (id_)
			(void)logtap_span_close(id_);
	}
	Span(const Span &) = delete;
	Span &operator=(const Span &) = delete;
	logtap_span id() const
	{
		return id_;
	}

      private:
	logtap_span id_;
};

// The thread is in @span until the end of the scope.
class Entered
{
      public:
	explicit Entered(const Span &span) : id_(span.id())
	{
		entered_ = logtap_span_enter(id_) >= 0;
	}
	~Entered()
	{
		if (entered_)
			(void)logtap_span_exit(id_);
	}
	Entered(const Entered &) = delete;
	Entered &operator=(const Entered &) = delete;

      private:
	logtap_span id_;
	bool entered_;
};

} // namespace logtap

#endif
