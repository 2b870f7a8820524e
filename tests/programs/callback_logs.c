/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application whose sink of events logs each event that it gets, by stdio
 * and by syslog(3), which prints it on standard error as well; or which makes
 * an event of each.
 *
 *     callback_logs FOLDER [events]
 *
 * An event a few times a second until FOLDER/end is there; how many there were
 * goes to stdout.
 */
#include <logtap/logtap.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static unsigned events;
static bool by_events;

__attribute__((noinline)) static void forwarding_function(
	void *unused, const struct logtap_event_view *event)
{
	(void)unused;
	if (by_events) {
		logtap_event(LOGTAP_INFO, "app", "forwarded",
			     LOGTAP_STR("name", event->name), LOGTAP_END);
		return;
	}
	fprintf(stderr, "forwards %s %u by stdio\n", event->name, events);
	syslog(LOG_INFO, "forwards %s %u by syslog", event->name, events);
}

__attribute__((noinline)) static void working_function(void)
{
	events++;
	logtap_event(LOGTAP_INFO, "app", "step", LOGTAP_INT("number", events),
		     LOGTAP_END);
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 50000000};
	char end[4096];

	snprintf(end, sizeof(end), "%s/end", argc > 1 ? argv[1] : ".");
	by_events = argc > 2;
	openlog("callback_logs", LOG_PERROR, LOG_USER);
	logtap_sink_set_global(
		logtap_sink_callback_new(forwarding_function, NULL));
	while (access(end, F_OK) != 0) {
		working_function();
		fprintf(stderr, "application says %u\n", events);
		nanosleep(&pause, NULL);
	}
	printf("%u\n", events);
	return 0;
}
