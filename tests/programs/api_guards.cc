// SPDX-FileCopyrightText: 2026 logtap contributors
// SPDX-License-Identifier: Apache-2.0
// Exceptions through the scopes of logtap.hpp, and out of a callback.
#include <cstdio>
#include <logtap/logtap.hpp>
#include <stdexcept>

static void throws(void *, const struct logtap_event_view *)
{
	throw std::runtime_error("out of a callback");
}

int main()
{
	try {
		logtap::Internal internal;
		std::fprintf(stderr, "on a marked thread\n");
		throw std::runtime_error("out of a scope");
	} catch (const std::exception &) {
	}
	std::fprintf(stderr, "after the mark\n");
	logtap_sink_object *sink = logtap_sink_callback_new(throws, nullptr);
	for (int i = 0; i < 3; i++) {
		try {
			logtap::ScopedSink scope(sink);
			logtap_event(LOGTAP_INFO, "app", "thrown", LOGTAP_END);
		} catch (const std::exception &) {
		}
	}
	logtap::Span span("span");
	{
		logtap::Entered entered(span);
		std::fprintf(stderr, "in the span\n");
	}
	logtap_event(LOGTAP_INFO, "app", "delivered", LOGTAP_END);
	std::fprintf(stderr, "free sink %d\n", logtap_sink_free(sink));
	return 0;
}
