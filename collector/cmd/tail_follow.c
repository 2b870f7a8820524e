/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logtap tail -f: reads /logs/stream.  Main thread.
 *
 * Where a stream breaks off (the collector died and another one goes on, or it
 * gave up a reader that was stopped for long) it is asked again from there; a
 * collector that ends says so.
 */
#include "tail.h"

#include "../base/error.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT_BYTES = 1024, PATH_BYTES = 64 };
/* A collector that died has so long for the next one to be there. */
enum { AGAIN_MS = 100, AGAIN_TIMES = 50 };

struct following {
	struct logtap_tail *tail;
	uint64_t cursor;
	bool begun; /* there is a cursor */
	bool heard; /* something came over this connection */
	bool ended;
	bool another; /* collector; it must be asked from the start */
	int error;
};

static uint64_t number_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* A collector that began anew numbers its records anew, too. */
static bool is_another(struct logtap_tail *tail, const json_t *word)
{
	const char *instance =
		json_string_value(json_object_get(word, "instance"));
	bool another = tail->instance && instance &&
		       strcmp(tail->instance, instance) != 0;

	if (instance && (another || !tail->instance)) {
		free(tail->instance);
		tail->instance = strdup(instance);
	}
	return another;
}

/* A word about the stream.  Return: 0, or not to go on. */
static int take_word(struct following *following, const char *word,
		     const json_t *object)
{
	uint64_t missed = number_of(object, "missed");

	following->another = is_another(following->tail, object);
	if (following->another)
		return 1;
	following->cursor = number_of(object, "next_seq");
	following->begun = true;
	following->ended = !strcmp(word, "end");
	if (missed)
		logtap_error_say("tail: %llu records were gone before they "
				 "could be shown",
				 (unsigned long long)missed);
	return 0;
}

static int take_line(void *context, const char *line, size_t bytes, bool last)
{
	struct following *following = context;
	json_error_t why;
	int result = 0;
	/* a program may write a NUL */
	json_t *object = json_loadb(line, bytes, JSON_ALLOW_NUL, &why);
	const char *word = json_string_value(json_object_get(object, "stream"));

	following->heard = true;
	if (!json_is_object(object)) {
		logtap_error_say("tail: not an answer of logtap: %s",
				 object ? "no object" : why.text);
		result = following->error = -EIO;
	} else if (word) {
		result = take_word(following, word, object);
	} else {
		result = logtap_tail_put(following->tail, object);
		following->cursor = number_of(object, "seq");
	}
	if (!result && last)
		result = logtap_tail_flush();
	if (result < 0)
		following->error = result;
	json_decref(object);
	return result;
}

static int make_path(const struct following *following,
		     struct logtap_bytes *path)
{
	const struct logtap_tail *tail = following->tail;
	char text[PATH_BYTES];

	if (following->begun)
		snprintf(text, sizeof(text), "/logs/stream?after=%llu",
			 (unsigned long long)following->cursor);
	else
		snprintf(text, sizeof(text), "/logs/stream?limit=%ld",
			 tail->options.lines);
	path->size = 0;
	int error = logtap_bytes_append(path, text, strlen(text));
	return error ? error
		     : logtap_bytes_append(path, tail->filter.data,
					   tail->filter.size);
}

/* One connection.  Return: the HTTP status, or negative with @why. */
static long connect_once(struct following *following, char *why,
			 size_t why_bytes)
{
	struct logtap_tail *tail = following->tail;
	struct logtap_bytes path = {0};
	long status = -EIO;

	/* the next collector may be somewhere else */
	logtap_admin_client_free(tail->client);
	tail->client = NULL;
	if (logtap_admin_client_new(&tail->options.client, &tail->client, why,
				    why_bytes))
		return -EINVAL;
	if (make_path(following, &path))
		snprintf(why, why_bytes, "out of memory");
	else
		status = logtap_admin_client_follow(
			tail->client, (char *)path.data, take_line, following,
			&tail->body, why, why_bytes);
	logtap_bytes_deinit(&path);
	return status;
}

static void pause_ms(long ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&time, NULL);
}

static bool goes_on(const struct following *following)
{
	return !following->error && !following->ended;
}

int logtap_tail_follow(struct logtap_tail *tail)
{
	struct following following = {.tail = tail};
	char why[TEXT_BYTES];
	long status = 0;

	for (int left = AGAIN_TIMES; left && goes_on(&following); left--) {
		following.heard = following.another = false;
		status = connect_once(&following, why, sizeof(why));
		if (!goes_on(&following))
			break;
		if (following.another) {
			logtap_error_say("tail: another collector answers now");
			following.cursor = 0;
			continue;
		}
		if (following.heard)
			left = AGAIN_TIMES;
		/* one that never was there is not waited for */
		if (!following.begun || (status > 0 && status != 200))
			break;
		pause_ms(AGAIN_MS);
	}
	if (status > 0 && status != 200)
		logtap_tail_say_refusal(tail, status);
	else if (status < 0 && goes_on(&following))
		logtap_error_say("tail: %s", why);
	return following.ended ? 0 : -EIO;
}
