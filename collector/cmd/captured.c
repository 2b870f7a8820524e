/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who is captured: see the header. */
#include "captured.h"

#include "../base/error.h"
#include "../base/grow.h"
#include "../run/session.h"
#include "../run/sessions.h"
#include "../run/summary.h"
#include "status_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct look {
	const char *command;
	struct logtap_captured *out;
	int error; /* the first that was said */
};

static bool is_same(const char *a, const char *b)
{
	struct stat one, other;

	return !stat(a, &one) && !stat(b, &other) &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static bool is_known(const struct logtap_captured *captured,
		     const char *directory)
{
	for (size_t i = 0; i < captured->place_count; i++)
		if (is_same(captured->places[i].directory, directory))
			return true;
	return false;
}

static int add_place(struct logtap_captured *out, const char *directory,
		     json_t *status)
{
	struct logtap_captured_place *places =
		realloc(out->places, (out->place_count + 1) * sizeof(*places));
	if (!places)
		return -ENOMEM;
	out->places = places;
	char *copy = strdup(directory);
	if (!copy)
		return -ENOMEM;
	places[out->place_count++] = (struct logtap_captured_place){
		.directory = copy, .status = status};
	return 0;
}

static void ask(struct look *look, const char *directory, bool may_lack)
{
	int error;
	json_t *status = logtap_status_read(directory, &error);

	if (status && (error = add_place(look->out, directory, status)))
		json_decref(status);
	if (!error || (error == -ENOENT && may_lack))
		return;
	if (!look->error) {
		look->error = error;
		logtap_status_why(look->command, directory, error,
				  look->out->notice, sizeof(look->out->notice));
	}
}

/* One that has just begun, or is about to end, may have nothing to say. */
static void ask_live(void *context, const char *directory)
{
	struct look *look = context;

	if (logtap_session_is_live(directory) &&
	    !is_known(look->out, directory))
		ask(look, directory, true);
}

static long long number_of(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static struct logtap_captured_process process_of(const json_t *row,
						 size_t place)
{
	return (struct logtap_captured_process){
		.pid = number_of(row, "pid"),
		.uid = number_of(row, "uid"),
		.start_ticks = number_of(row, "start_ticks"),
		.threads = number_of(row, "threads"),
		.chunks = number_of(row, "chunks"),
		.bytes = number_of(row, "bytes"),
		.dropped = logtap_summary_dropped(row),
		.name = json_string_value(json_object_get(row, "name")),
		.live = json_is_true(json_object_get(row, "live")),
		.place = place,
	};
}

static int compare(const void *a_, const void *b_)
{
	const struct logtap_captured_process *a = a_, *b = b_;
	int order = logtap_captured_compare(a, b);

	return order ? order : b->live - a->live;
}

int logtap_captured_compare(const struct logtap_captured_process *a,
			    const struct logtap_captured_process *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return strcmp(a->name ? a->name : "", b->name ? b->name : "");
}

static int add_processes(struct logtap_captured *out)
{
	const json_t *row;
	size_t room = 0, i;

	for (size_t place = 0; place < out->place_count; place++)
		json_array_foreach(json_object_get(out->places[place].status,
						   "process_rows"),
				   i, row)
		{
			struct logtap_captured_process *grown =
				logtap_grown(out->processes, out->process_count,
					     &room, sizeof(*grown), 64);
			if (!grown)
				return -ENOMEM;
			out->processes = grown;
			grown[out->process_count++] = process_of(row, place);
		}
	if (out->process_count)
		qsort(out->processes, out->process_count,
		      sizeof(*out->processes), compare);
	return 0;
}

static void ask_one(struct look *look, const char *directory)
{
	ask(look, directory, false);
	if (look->out->place_count && !logtap_session_is_live(directory))
		logtap_error_format(look->out->notice,
				    sizeof(look->out->notice), look->command,
				    directory, "no collector is at work there",
				    "this is what the last one said");
}

static void ask_all(struct look *look)
{
	const char *own = getenv("LOGTAP_DIR");

	if (own && *own)
		ask_live(look, own);
	logtap_sessions_each(NULL, ask_live, look);
	ask_live(look, LOGTAP_SERVICE_DIRECTORY);
	if (look->out->place_count || look->error)
		return;
	look->error = -ENOENT;
	logtap_error_format(look->out->notice, sizeof(look->out->notice),
			    look->command, NULL, "no collector runs",
			    "start one with `logtap run' or `logtap collect', "
			    "or name its directory (--dir DIR)");
}

int logtap_captured_look(const char *command, const char *directory,
			 struct logtap_captured *out)
{
	struct look look = {.command = command, .out = out};

	*out = (struct logtap_captured){0};
	if (directory)
		ask_one(&look, directory);
	else
		ask_all(&look);
	if (!out->place_count)
		return look.error;
	int error = add_processes(out);
	if (error)
		logtap_error_format(out->notice, sizeof(out->notice), command,
				    NULL, strerror(-error), NULL);
	return error;
}

void logtap_captured_deinit(struct logtap_captured *captured)
{
	for (size_t i = 0; i < captured->place_count; i++) {
		free(captured->places[i].directory);
		json_decref(captured->places[i].status);
	}
	free(captured->places);
	free(captured->processes);
	*captured = (struct logtap_captured){0};
}
