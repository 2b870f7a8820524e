// SPDX-FileCopyrightText: 2026 logtap contributors
// SPDX-License-Identifier: Apache-2.0
// logtap.hpp: the behaviours of tracing's dispatcher and spans with objects
// that end with their scope, by whatever way it is left.
#include "linked.h"
#include "linked_cxx.h"

#include <criterion/criterion.h>
#include <logtap/logtap.hpp>
#include <pthread.h>
#include <setjmp.h>
#include <stdexcept>
#include <string>
#include <thread>

using logtap::Entered;
using logtap::Guard;
using logtap::Internal;
using logtap::ScopedSink;
using logtap::Span;

TestSuite(hpp, .init = shim_begin_plain, .fini = shim_end);

namespace
{

struct Seen {
	unsigned count = 0;
	void (*inside)(Seen &) = nullptr;
	logtap_sink_object *sink;

	Seen()
	{
		sink = logtap_sink_callback_new(see, this);
	}
	static void see(void *context, const logtap_event_view *)
	{
		Seen &seen = *static_cast<Seen *>(context);
		seen.count++;
		if (seen.inside)
			seen.inside(seen);
	}
};

void emit()
{
	logtap_event(LOGTAP_INFO, "test", "event", LOGTAP_INT("n", 1),
		     LOGTAP_STR("s", "text"), LOGTAP_END);
}

std::string closed;
void on_close(logtap_span, const char *name)
{
	closed += name;
	closed += ' ';
}

} // namespace

Test(hpp, nested_set_default)
{
	Seen a, b;
	{
		ScopedSink outer(a.sink);
		emit();
		{
			ScopedSink inner(b.sink);
			emit();
		}
		emit();
	}
	emit();
	cr_assert_eq(a.count, 2u);
	cr_assert_eq(b.count, 1u);
	cr_assert_eq(shim_chunks(), 1u);
}

Test(hpp, scoped_clobbers_global)
{
	Seen global, scoped;
	cr_assert_eq(logtap_sink_set_global(global.sink), 0);
	{
		ScopedSink sink(scoped.sink);
		emit();
		std::thread(emit).join();
	}
	emit();
	cr_assert_eq(scoped.count, 1u);
	cr_assert_eq(global.count, 2u);
}

Test(hpp, no_subscriber_disables_global)
{
	Seen global;
	cr_assert_eq(logtap_sink_set_global(global.sink), 0);
	{
		ScopedSink none(logtap_sink_null());
		emit();
	}
	cr_assert_eq(global.count, 0u);
}

Test(hpp, events_dont_infinite_loop)
{
	Seen seen;
	seen.inside = [](Seen &) { emit(); };
	ScopedSink sink(seen.sink);
	emit();
	cr_assert_eq(seen.count, 1u);
}

Test(hpp, spans_dont_infinite_loop)
{
	Seen seen;
	seen.inside = [](Seen &) {
		Span span("inside");
		Entered entered(span);
		emit();
	};
	ScopedSink sink(seen.sink);
	emit();
	cr_assert_eq(seen.count, 1u);
	cr_assert_eq(logtap_span_current(), 0u);
}

Test(hpp, an_exception_ends_every_scope)
{
	Seen seen;
	closed.clear();
	logtap_span_on_close(on_close);
	try {
		Internal internal;
		ScopedSink sink(seen.sink);
		Span span("left");
		Entered entered(span);
		Guard guard;
		cr_assert(bool(guard));
		throw std::runtime_error("out");
	} catch (const std::runtime_error &) {
	}
	cr_assert(logtap_enabled());
	cr_assert_eq(logtap_span_current(), 0u);
	cr_assert_str_eq(closed.c_str(), "left ");
	emit();
	cr_assert_eq(seen.count, 0u);
	cr_assert_eq(logtap_sink_free(seen.sink), 0);
}

Test(hpp, an_exception_out_of_a_callback_leaves_later_events_delivered)
{
	Seen seen;
	seen.inside = [](Seen &) { throw 1; };
	ScopedSink sink(seen.sink);
	for (int i = 0; i < 3; i++) {
		bool thrown = false;
		try {
			emit();
		} catch (int) {
			thrown = true;
		}
		cr_assert(thrown);
	}
	cr_assert_eq(seen.count, 3u);
}

static void *throw_out(void *)
{
	throw 1;
}

Test(hpp, an_exception_out_of_with_sink_restores_what_was_there)
{
	Seen outer, inner;
	ScopedSink sink(outer.sink);
	try {
		logtap_with_sink(inner.sink, throw_out, nullptr);
	} catch (int) {
	}
	emit();
	cr_assert_eq(outer.count, 1u);
	cr_assert_eq(inner.count, 0u);
}

Test(hpp, a_guard_is_entered_once_and_ends_with_its_scope)
{
	{
		Guard guard;
		cr_assert(bool(guard));
		Guard nested;
		cr_assert_not(bool(nested));
		cr_assert_not(logtap_enabled());
		cr_assert_not(say("passes through\n"));
	}
	cr_assert(logtap_enabled());
	cr_assert(say("captured\n"));
	Guard again;
	cr_assert(bool(again));
}

Test(hpp, span_enter_guards_are_dropped_out_of_order)
{
	Span first("first"), second("second");
	Entered *outer = new Entered(first);
	Entered *inner = new Entered(second);
	cr_assert_eq(logtap_span_current(), second.id());
	delete outer;
	cr_assert_eq(logtap_span_current(), second.id());
	delete inner;
	cr_assert_eq(logtap_span_current(), 0u);
}

Test(hpp, child_closes_parent)
{
	closed.clear();
	logtap_span_on_close(on_close);
	{
		Span *parent = new Span("parent");
		Span child("child", parent->id());
		delete parent;
		cr_assert_str_eq(closed.c_str(), "");
	}
	cr_assert_str_eq(closed.c_str(), "child parent ");
}

Test(hpp, child_closes_grandparent)
{
	closed.clear();
	logtap_span_on_close(on_close);
	{
		Span *grandparent = new Span("grandparent");
		Span *parent = new Span("parent", grandparent->id());
		Span child("child", parent->id());
		delete grandparent;
		delete parent;
		cr_assert_str_eq(closed.c_str(), "");
	}
	cr_assert_str_eq(closed.c_str(), "child parent grandparent ");
}

Test(hpp, span_entered_on_different_thread_from_subscriber)
{
	Seen seen;
	Span span("span");
	ScopedSink sink(seen.sink);
	std::thread([&] {
		Entered entered(span);
		emit();
	}).join();
	cr_assert_eq(seen.count, 0u);
	cr_assert_eq(logtap_span_current(), 0u);
}

Test(hpp, a_capturing_sink_gets_what_is_written)
{
	Seen seen;
	{
		ScopedSink sink(seen.sink, ScopedSink::capturing);
		cr_assert(bool(sink));
		cr_assert(say("to the sink\n"));
		ScopedSink none(logtap_sink_null(), ScopedSink::capturing);
		cr_assert_not(bool(none));
	}
	say("to the ring\n");
	cr_assert_eq(seen.count, 1u);
	cr_assert_eq(shim_chunks(), 1u);
}

static void *wait_in_scopes(void *seen)
{
	ScopedSink sink(static_cast<Seen *>(seen)->sink);
	Internal internal;
	Span span("cancelled");
	Entered entered(span);
	for (;;)
		pthread_testcancel();
}

Test(hpp, cancellation_ends_every_scope)
{
	Seen seen;
	pthread_t thread;
	closed.clear();
	logtap_span_on_close(on_close);
	cr_assert_eq(pthread_create(&thread, nullptr, wait_in_scopes, &seen),
		     0);
	pthread_cancel(thread);
	pthread_join(thread, nullptr);
	cr_assert_eq(logtap_sink_free(seen.sink), 0);
	cr_assert(closed.empty() || closed == "cancelled ");
}
