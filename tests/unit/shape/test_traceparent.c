/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The trace context that a process was started with. */
#include "../../../collector/shape/traceparent.h"

#include <criterion/criterion.h>
#include <string.h>

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static bool valid(const char *text)
{
	struct logtap_trace_context context;
	logtap_traceparent_read(text, &context);
	return context.valid;
}

Test(traceparent, ids_and_flags_are_read)
{
	struct logtap_trace_context context;
	logtap_traceparent_read("00-" TRACE "-" SPAN "-01", &context);
	cr_assert(context.valid);
	cr_assert_eq(context.trace_id[0], 0x0a);
	cr_assert_eq(context.trace_id[15], 0x9c);
	cr_assert_eq(context.span_id[7], 0x31);
	cr_assert_eq(context.flags, 1);
}

Test(traceparent, what_is_none_is_not_believed)
{
	cr_assert_not(valid(NULL));
	cr_assert_not(valid(""));
	cr_assert_not(valid("00-" TRACE "-" SPAN "-0"));
	cr_assert_not(valid("00-" TRACE "-" SPAN "-01-more"));
	cr_assert_not(valid("ff-" TRACE "-" SPAN "-01"));
	cr_assert_not(valid("0x-" TRACE "-" SPAN "-01"));
	cr_assert_not(valid("00_" TRACE "-" SPAN "-01"));
	cr_assert_not(valid("00-" TRACE "-" SPAN "_01"));
	cr_assert_not(valid("00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01"));
	cr_assert_not(valid("00-00000000000000000000000000000000-" SPAN "-01"));
	cr_assert_not(valid("00-" TRACE "-0000000000000000-01"));
	cr_assert_not(valid("cc-" TRACE "-" SPAN "-01more"));
}

Test(traceparent, a_later_version_may_say_more)
{
	cr_assert(valid("cc-" TRACE "-" SPAN "-01"));
	cr_assert(valid("cc-" TRACE "-" SPAN "-01-what-may-come"));
}
