/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP with libcurl: see the header.  One easy handle in a multi handle, because
 * only a multi handle can be woken up from another thread. */
#include "http_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "retry.h"

enum {
	POLL_MS = 1000,
	/* A batch goes out in one send(2) if the socket takes it. */
	UPLOAD_BUFFER_BYTES = 1024 * 1024,
};

struct logtap_http_client {
	CURL *easy;
	CURLM *multi;
	struct curl_slist *headers;
	_Atomic uint64_t deadline_ns;
	struct logtap_http_answer *answer; /* of the post under way */
	size_t received_bytes;
	char curl_error[CURL_ERROR_SIZE];
};

static CURLcode global_result;

static void global_init(void)
{
	global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t on_body(char *data, size_t one, size_t count, void *context)
{
	struct logtap_http_client *client = context;
	struct logtap_http_answer *answer = client->answer;
	size_t bytes = one * count;
	size_t room = sizeof(answer->body) - answer->body_bytes;
	size_t kept = bytes < room ? bytes : room;
	memcpy(answer->body + answer->body_bytes, data, kept);
	answer->body_bytes += kept;
	client->received_bytes += bytes;
	/* Less than it got makes libcurl end the transfer. */
	return client->received_bytes <= LOGTAP_HTTP_BODY_MAX_BYTES ? bytes : 0;
}

static int add_header(struct logtap_http_client *client, const char *name,
		      const char *value)
{
	char *line;
	/* libcurl's way to say "with an empty value" is "NAME;". */
	int bytes = value[0] ? asprintf(&line, "%s: %s", name, value)
			     : asprintf(&line, "%s;", name);
	if (bytes < 0)
		return -ENOMEM;
	struct curl_slist *longer = curl_slist_append(client->headers, line);
	free(line);
	if (!longer)
		return -ENOMEM;
	client->headers = longer;
	return 0;
}

static int add_headers(struct logtap_http_client *client,
		       const struct logtap_otlp_config *config,
		       const char *content_type, bool gzip)
{
	int failed = add_header(client, "Content-Type", content_type);
	if (!failed && gzip)
		failed = add_header(client, "Content-Encoding", "gzip");
	for (size_t i = 0; !failed && i < config->header_count; i++)
		failed = add_header(client, config->headers[i].name,
				    config->headers[i].value);
	if (failed)
		return failed;
	/* Or libcurl waits a second for "100 Continue" from receivers that do
	 * not know it. */
	struct curl_slist *longer =
		curl_slist_append(client->headers, "Expect:");
	if (!longer)
		return -ENOMEM;
	client->headers = longer;
	return 0;
}

static int check_file(const char *path, const char *what, char *error,
		      size_t error_bytes)
{
	if (!path || access(path, R_OK) == 0)
		return 0;
	int failed = errno;
	snprintf(error, error_bytes,
		 "export by OTLP: %s: %s; correct "
		 "OTEL_EXPORTER_OTLP_%s or the file's permissions",
		 path, strerror(failed), what);
	return -failed;
}

static CURLcode set_files(CURL *easy, const struct logtap_otlp_config *config)
{
	CURLcode code = CURLE_OK;
	if (config->certificate)
		code = curl_easy_setopt(easy, CURLOPT_CAINFO,
					config->certificate);
	if (!code && config->client_key)
		code = curl_easy_setopt(easy, CURLOPT_SSLKEY,
					config->client_key);
	if (!code && config->client_certificate)
		code = curl_easy_setopt(easy, CURLOPT_SSLCERT,
					config->client_certificate);
	return code;
}

static CURLcode set_options(struct logtap_http_client *client,
			    const struct logtap_otlp_config *config)
{
	CURL *easy = client->easy;
	CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, config->url);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
					"http,https");
	if (!code)
		code = curl_easy_setopt(
			easy, CURLOPT_USERAGENT,
			"OTel-OTLP-Exporter-logtap/" LOGTAP_VERSION);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE,
			 (long)UPLOAD_BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->curl_error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
	return code ? code : set_files(easy, config);
}

static int setup(struct logtap_http_client *client,
		 const struct logtap_otlp_config *config,
		 const char *content_type, bool gzip, char *error,
		 size_t error_bytes)
{
	int failed = check_file(config->certificate, "CERTIFICATE", error,
				error_bytes);
	if (!failed)
		failed = check_file(config->client_key, "CLIENT_KEY", error,
				    error_bytes);
	if (!failed)
		failed = check_file(config->client_certificate,
				    "CLIENT_CERTIFICATE", error, error_bytes);
	if (failed)
		return failed;
	client->easy = curl_easy_init();
	client->multi = curl_multi_init();
	CURLcode code = global_result ? global_result : CURLE_OUT_OF_MEMORY;
	if (client->easy && client->multi &&
	    !add_headers(client, config, content_type, gzip))
		code = set_options(client, config);
	if (!code)
		return 0;
	snprintf(error, error_bytes,
		 "export by OTLP: %s: %s; free memory, or check the "
		 "installation of libcurl",
		 config->name, curl_easy_strerror(code));
	return code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
}

int logtap_http_client_new(const struct logtap_otlp_config *config,
			   const char *content_type, bool gzip,
			   struct logtap_http_client **out, char *error,
			   size_t error_bytes)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct logtap_http_client *client = calloc(1, sizeof(*client));
	*out = NULL;
	if (!client) {
		snprintf(error, error_bytes,
			 "export by OTLP: %s: no memory; free some",
			 config->name);
		return -ENOMEM;
	}
	atomic_init(&client->deadline_ns, UINT64_MAX);
	pthread_once(&once, global_init);
	int failed =
		setup(client, config, content_type, gzip, error, error_bytes);
	if (failed)
		logtap_http_client_free(client);
	else
		*out = client;
	return failed;
}

void logtap_http_client_free(struct logtap_http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->easy);
	curl_multi_cleanup(client->multi);
	curl_slist_free_all(client->headers);
	free(client);
}

void logtap_http_client_stop_by(struct logtap_http_client *client,
				uint64_t deadline_ns)
{
	atomic_store(&client->deadline_ns, deadline_ns);
	curl_multi_wakeup(client->multi);
}

/* Milliseconds that the transfer may go on without looking up; 0: none. */
static int time_left_ms(const struct logtap_http_client *client)
{
	uint64_t deadline_ns = atomic_load(&client->deadline_ns);
	uint64_t now_ns = logtap_clock_monotonic_ns();
	if (deadline_ns <= now_ns)
		return 0;
	uint64_t left_ms = (deadline_ns - now_ns) / 1000000 + 1;
	return left_ms < POLL_MS ? (int)left_ms : POLL_MS;
}

/* Return: true when the transfer ended by itself, with its @code. */
static bool transfer(struct logtap_http_client *client, CURLcode *code)
{
	int running;
	int left_ms;
	*code = CURLE_OUT_OF_MEMORY;
	while ((left_ms = time_left_ms(client)) > 0) {
		int queued;
		if (curl_multi_perform(client->multi, &running))
			return true;
		const CURLMsg *done =
			curl_multi_info_read(client->multi, &queued);
		if (done && done->msg == CURLMSG_DONE) {
			*code = done->data.result;
			return true;
		}
		if (curl_multi_poll(client->multi, NULL, 0, left_ms, NULL))
			return true;
	}
	return false;
}

static void read_answer(CURL *easy, struct logtap_http_answer *answer)
{
	struct curl_header *header;
	const char *type = NULL;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
	snprintf(answer->content_type, sizeof(answer->content_type), "%s",
		 type ? type : "");
	if (!curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1,
			      &header))
		answer->retry_after_ms =
			logtap_retry_after_ms(header->value, time(NULL));
}

/* For people and for looking the peer up in /proc. */
static void read_connection(CURL *easy, struct logtap_connection *connection)
{
	const char *local = NULL, *peer = NULL;
	long local_port = 0, peer_port = 0;

	curl_easy_getinfo(easy, CURLINFO_LOCAL_IP, &local);
	curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &peer);
	curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &local_port);
	curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &peer_port);
	snprintf(connection->local, sizeof(connection->local), "%s",
		 local ? local : "");
	snprintf(connection->peer, sizeof(connection->peer), "%s",
		 peer ? peer : "");
	connection->local_port = (uint16_t)local_port;
	connection->peer_port = (uint16_t)peer_port;
}

/* Puts @headers before those of all posts; the links are the caller's. */
static void set_headers(struct logtap_http_client *client,
			struct curl_slist links[LOGTAP_EXPORT_HEADERS],
			char (*headers)[LOGTAP_EXPORT_HEADER_BYTES],
			size_t count)
{
	struct curl_slist *first = client->headers;

	for (size_t i = 0; i < count && i < LOGTAP_EXPORT_HEADERS; i++) {
		links[i] = (struct curl_slist){headers[i], first};
		first = &links[i];
	}
	curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, first);
}

enum logtap_http_result logtap_http_client_post(
	struct logtap_http_client *client, const void *body, size_t bytes,
	char (*headers)[LOGTAP_EXPORT_HEADER_BYTES], size_t header_count,
	struct logtap_http_answer *answer)
{
	struct curl_slist links[LOGTAP_EXPORT_HEADERS];
	CURLcode code = CURLE_OUT_OF_MEMORY;
	answer->status = 0;
	answer->retry_after_ms = -1;
	answer->content_type[0] = 0;
	answer->body_bytes = 0;
	answer->error[0] = 0;
	client->answer = answer;
	client->received_bytes = 0;
	client->curl_error[0] = 0;
	curl_easy_setopt(client->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)bytes);
	curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS, body);
	set_headers(client, links, headers, header_count);
	bool ended = true;
	if (!curl_multi_add_handle(client->multi, client->easy)) {
		ended = transfer(client, &code);
		curl_multi_remove_handle(client->multi, client->easy);
	}
	client->answer = NULL;
	set_headers(client, links, NULL, 0);
	read_connection(client->easy, &answer->connection);
	if (!ended)
		return LOGTAP_HTTP_STOPPED;
	/* An answer that is too long was still an answer. */
	if (code == CURLE_OK ||
	    (code == CURLE_WRITE_ERROR &&
	     client->received_bytes > LOGTAP_HTTP_BODY_MAX_BYTES)) {
		read_answer(client->easy, answer);
		return LOGTAP_HTTP_ANSWERED;
	}
	snprintf(answer->error, sizeof(answer->error), "%s",
		 client->curl_error[0] ? client->curl_error
				       : curl_easy_strerror(code));
	return LOGTAP_HTTP_NO_ANSWER;
}
