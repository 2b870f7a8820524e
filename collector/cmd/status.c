/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logtap status: what a collector has captured.  Asked of its admin endpoint if
 * it has one; else, or when that does not answer, from the file that it keeps in
 * its directory, which stays when it is gone.  Main thread.
 */
#include "status.h"

#include "../admin/client.h"
#include "../base/error.h"
#include "../base/options.h"
#include "../run/sessions.h"
#include "command.h"
#include "status_file.h"
#include "where_options.h"

#include <stdio.h>

enum { TEXT_BYTES = 1024 };

struct options {
	const char *directory;
	const char *address;
	const char *token_file;
	bool json;
};

static const struct logtap_option table[] = {
	LOGTAP_DIRECTORY_OPTION(struct options, directory),
	{"admin", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, address),
	 "ADDR",
	 "ask the collector whose --admin is there, in place of\n"
	 "that of a directory"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct options, token_file), "FILE",
	 "the token that it asks for"},
	{"json", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, json), NULL,
	 "print the status as JSON, as the collector wrote it"},
};

static const struct logtap_usage usage = {
	.command = "status",
	.about = "Shows what the collector of a directory has captured,\n"
		 "delivered and lost.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

static json_t *load(const char *directory)
{
	char why[TEXT_BYTES];
	int error;
	json_t *status = logtap_status_read(directory, &error);

	if (!status) {
		logtap_status_why("status", directory, error, why, sizeof(why));
		logtap_error_say("%s", why);
	}
	return status;
}

/* Return: NULL with a whole text in @error. */
static json_t *ask(const struct options *options, const char *address,
		   char *error, size_t error_bytes)
{
	const struct logtap_admin_client_options who = {
		.address = address,
		.token_file = options->token_file,
	};
	struct logtap_admin_client *client;
	struct logtap_bytes body = {0};
	json_error_t why;
	json_t *status = NULL;

	if (logtap_admin_client_new(&who, &client, error, error_bytes))
		return NULL;
	long code = logtap_admin_client_get(client, "/status", &body, error,
					    error_bytes);
	if (code == 200)
		status = json_loadb((char *)body.data, body.size,
				    JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(status)) {
		json_decref(status);
		status = NULL;
		if (code == 401)
			logtap_error_format(error, error_bytes, address, NULL,
					    "asks for a token",
					    "--admin-token FILE");
		else if (code >= 0)
			logtap_error_format(error, error_bytes, address, NULL,
					    "not an answer of logtap", NULL);
	}
	logtap_admin_client_free(client);
	logtap_bytes_deinit(&body);
	return status;
}

/* What the collector of @directory says, or has said last. */
static json_t *look(const struct options *options, const char *directory)
{
	char error[TEXT_BYTES];
	json_t *said = load(directory);
	const char *address = json_string_value(json_object_get(said, "admin"));
	json_t *fresh =
		address ? ask(options, address, error, sizeof(error)) : NULL;

	if (!fresh || !json_equal(json_object_get(fresh, "pid"),
				  json_object_get(said, "pid"))) {
		json_decref(fresh);
		return said;
	}
	json_decref(said);
	return fresh;
}

static json_t *find(const struct options *options)
{
	char error[TEXT_BYTES];

	if (!options->address) {
		const char *directory =
			logtap_sessions_choose("status", options->directory);
		return directory ? look(options, directory) : NULL;
	}
	json_t *status = ask(options, options->address, error, sizeof(error));
	if (!status)
		logtap_error_say("status: %s", error);
	return status;
}

int logtap_cmd_status(int argc, char **argv)
{
	struct options options = {0};
	int first;
	int error = logtap_options_parse(&usage, argc, argv, &options, &first);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	json_t *status = find(&options);
	if (!status)
		return LOGTAP_EXIT_BAD;
	if (options.json) {
		json_dumpf(status, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		logtap_status_print(status);
	}
	json_decref(status);
	return LOGTAP_EXIT_GOOD;
}
