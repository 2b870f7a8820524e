/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A sink whose function logs by syslog and stdio, in every place that a sink
 * can have; says on stdout how often each was called. */
#include <logtap/logtap.h>
#include <pthread.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

static int calls;
static const char *place;

static void log_twice(void *unused, const struct logtap_event_view *event)
{
	(void)unused;
	(void)event;
	calls++;
	fprintf(stderr, "%s: inside by stdio\n", place);
	syslog(LOG_INFO, "%s: inside by syslog", place);
}

static void emit(void)
{
	logtap_event(LOGTAP_INFO, "test", "event", LOGTAP_END);
}

static void say(void)
{
	printf("%s %d\n", place, calls);
	fflush(stdout);
	calls = 0;
}

int main(void)
{
	struct logtap_sink_object *sink =
		logtap_sink_callback_new(log_twice, NULL);
	uint64_t token;

	place = "scoped";
	token = logtap_sink_push(sink);
	emit();
	logtap_sink_pop(token);
	say();
	place = "capturing";
	token = logtap_sink_push_capturing(sink);
	fprintf(stderr, "capturing: outside by stdio\n");
	syslog(LOG_INFO, "capturing: outside by syslog");
	logtap_sink_pop(token);
	say();
	place = "global";
	logtap_sink_set_global(sink);
	emit();
	say();
	fprintf(stderr, "afterwards\n");
	return 0;
}
