/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a collector's admin endpoint: see the header. */
#include "client.h"

#include "../base/error.h"
#include "../base/own_file.h"
#include "../run/sessions.h"
#include "address.h"
#include "admin.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CONNECT_SECONDS = 5,
	TIMEOUT_SECONDS = 60,
	TOKEN_BYTES = 512,
	ADDRESS_BYTES = 160,
};

/* No reply of ours is longer. */
#define REPLY_BYTES_MAX ((size_t)64 << 20)

struct logtap_admin_client {
	CURL *curl;
	struct curl_slist *headers;
	struct logtap_address address;
	char base[192]; /* "http://127.0.0.1:4319" */
	char why[CURL_ERROR_SIZE];
};

static size_t on_data(char *data, size_t one, size_t count, void *context)
{
	struct logtap_bytes *body = context;
	size_t bytes = one * count;

	/* less than it got makes libcurl end the transfer */
	if (body->size > REPLY_BYTES_MAX ||
	    logtap_bytes_append(body, data, bytes))
		return 0;
	return bytes;
}

/* Where the collector of the directory listens.  Return: 0 or -errno. */
static int find_address(const char *directory, char *out, size_t out_bytes)
{
	char path[PATH_MAX];
	int result = -ENOENT;

	snprintf(path, sizeof(path), "%s/status.json", directory);
	int fd = logtap_own_file_read(path);
	if (fd < 0)
		return fd;
	json_t *status = json_loadfd(fd, 0, NULL);
	close(fd);
	const char *address =
		json_string_value(json_object_get(status, "admin"));
	if (address && strlen(address) < out_bytes) {
		strcpy(out, address);
		result = 0;
	}
	json_decref(status);
	return result;
}

static bool has_admin(const char *directory)
{
	char address[ADDRESS_BYTES];

	return !find_address(directory, address, sizeof(address));
}

static int refuse_directory(const char *directory, int result, char *error,
			    size_t error_bytes)
{
	logtap_error_format(
		error, error_bytes, "--dir", directory,
		result == -EACCES
			? "only root and the collector's user may ask what "
			  "its files say"
			: "no collector with --admin has been there",
		"name another, or where it is with --admin");
	return result;
}

/* The endpoint of that directory, of the one session that has any, or the usual
 * one. */
static int choose(const char *directory, char *out, size_t out_bytes,
		  char *error, size_t error_bytes)
{
	struct logtap_sessions sessions;

	if (directory) {
		int result = find_address(directory, out, out_bytes);
		return result ? refuse_directory(directory, result, error,
						 error_bytes)
			      : 0;
	}
	directory = getenv("LOGTAP_DIR");
	if (!directory || !*directory) {
		logtap_sessions_find(NULL, has_admin, &sessions);
		if (sessions.count > 1) {
			logtap_error_format(error, error_bytes, "--dir",
					    sessions.names,
					    "more than one session runs",
					    "name one of them");
			return -EINVAL;
		}
		directory = sessions.count ? sessions.path : NULL;
	}
	if (!directory || find_address(directory, out, out_bytes))
		snprintf(out, out_bytes, "%d", LOGTAP_ADMIN_PORT);
	return 0;
}

static int add_token(struct logtap_admin_client *client, const char *path)
{
	char line[TOKEN_BYTES + 32] = "Authorization: Bearer ";
	size_t head = strlen(line);
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	bool got = fgets(line + head, TOKEN_BYTES, file);
	fclose(file);
	line[strcspn(line, "\r\n")] = 0;
	if (!got || !line[head])
		return -EINVAL;
	client->headers = curl_slist_append(NULL, line);
	return client->headers ? 0 : -ENOMEM;
}

static void set_up(struct logtap_admin_client *client)
{
	CURL *curl = client->curl;

	if (client->address.name.any.sa_family == AF_UNIX) {
		snprintf(client->base, sizeof(client->base),
			 "http://localhost");
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH,
				 client->address.name.local.sun_path);
	} else {
		snprintf(client->base, sizeof(client->base), "http://%s",
			 client->address.text);
	}
	/* it is on this machine, whatever the environment says of others */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->why);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
}

int logtap_admin_client_new(const struct logtap_admin_client_options *options,
			    struct logtap_admin_client **out, char *error,
			    size_t error_bytes)
{
	struct logtap_admin_client *client = calloc(1, sizeof(*client));
	char found[ADDRESS_BYTES];
	const char *address = options->address;

	if (client)
		client->curl = curl_easy_init();
	if (!client || !client->curl) {
		snprintf(error, error_bytes, "out of memory");
		logtap_admin_client_free(client);
		return -ENOMEM;
	}
	int result = 0;
	if (!address)
		result = choose(options->directory, found, sizeof(found), error,
				error_bytes);
	if (result) {
		logtap_admin_client_free(client);
		return result;
	}
	if (!address)
		address = found;
	const char *wrong = logtap_address_parse(address, &client->address);
	if (wrong) {
		result = -EINVAL;
		logtap_error_format(error, error_bytes, "--admin", address,
				    wrong, NULL);
	}
	if (!result && options->token_file) {
		result = add_token(client, options->token_file);
		if (result)
			logtap_error_format(error, error_bytes, "--admin-token",
					    options->token_file,
					    strerror(-result), NULL);
	}
	if (result) {
		logtap_admin_client_free(client);
		return result;
	}
	set_up(client);
	*out = client;
	return 0;
}

void logtap_admin_client_free(struct logtap_admin_client *client)
{
	if (!client)
		return;
	curl_slist_free_all(client->headers);
	if (client->curl)
		curl_easy_cleanup(client->curl);
	free(client);
}

/* Return: the HTTP status, or -EIO with a text. */
static long perform(struct logtap_admin_client *client, const char *path,
		    char *error, size_t error_bytes)
{
	struct logtap_bytes url = {0};
	long status = -EIO;

	if (logtap_bytes_append(&url, client->base, strlen(client->base)) ||
	    logtap_bytes_append(&url, path, strlen(path) + 1)) {
		logtap_bytes_deinit(&url);
		snprintf(error, error_bytes, "out of memory");
		return -EIO;
	}
	curl_easy_setopt(client->curl, CURLOPT_URL, (char *)url.data);
	CURLcode code = curl_easy_perform(client->curl);
	logtap_bytes_deinit(&url);
	if (code == CURLE_OK)
		curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE,
				  &status);
	else
		logtap_error_format(
			error, error_bytes, client->address.text, NULL,
			client->why[0] ? client->why : curl_easy_strerror(code),
			"is a collector there? (logtap run --admin, logtap "
			"collect --admin)");
	return status;
}

long logtap_admin_client_post(struct logtap_admin_client *client,
			      const char *path, struct logtap_bytes *body,
			      char *error, size_t error_bytes)
{
	struct curl_slist change = {
		.data = (char *)LOGTAP_ADMIN_CHANGE_HEADER ": 1",
		.next = client->headers,
	};

	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, &change);
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, "");
	long status =
		logtap_admin_client_get(client, path, body, error, error_bytes);
	curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
	return status;
}

long logtap_admin_client_get(struct logtap_admin_client *client,
			     const char *path, struct logtap_bytes *body,
			     char *error, size_t error_bytes)
{
	body->size = 0;
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
	curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_LIMIT, 0L);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, body);
	return perform(client, path, error, error_bytes);
}

struct following {
	struct logtap_admin_client *client;
	logtap_admin_line_fn *take;
	void *context;
	struct logtap_bytes *body; /* or the part of a line */
	bool enough;
};

/* Gives the whole lines away.  Return: 0, or not to go on. */
static int take_lines(struct following *following)
{
	struct logtap_bytes *body = following->body;
	char *data = (char *)body->data, *end;
	size_t done = 0;
	int result = 0;

	while (!result &&
	       (end = memchr(data + done, '\n', body->size - done))) {
		size_t next = (size_t)(end - data) + 1;
		*end = 0;
		result = following->take(
			following->context, data + done, next - 1 - done,
			!memchr(data + next, '\n', body->size - next));
		done = next;
	}
	body->size -= done;
	memmove(data, data + done, body->size);
	return result;
}

static size_t on_piece(char *data, size_t one, size_t count, void *context)
{
	struct following *following = context;
	long status = 0;

	if (on_data(data, one, count, following->body) != one * count)
		return 0;
	curl_easy_getinfo(following->client->curl, CURLINFO_RESPONSE_CODE,
			  &status);
	if (status == 200 && take_lines(following)) {
		following->enough = true;
		return 0; /* makes libcurl end the transfer */
	}
	return one * count;
}

long logtap_admin_client_follow(struct logtap_admin_client *client,
				const char *path, logtap_admin_line_fn *take,
				void *context, struct logtap_bytes *body,
				char *error, size_t error_bytes)
{
	struct following following = {client, take, context, body, false};

	body->size = 0;
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, 0L);
	/* signs of life come more often */
	curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME,
			 (long)TIMEOUT_SECONDS);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, on_piece);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &following);
	long status = perform(client, path, error, error_bytes);
	return following.enough ? 200 : status;
}
