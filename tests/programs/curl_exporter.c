/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application with an exporter on libcurl that is verbose: it reads what it
 * writes to its own standard error back from a file, as an agent that tails a
 * log does, and POSTs each piece; libcurl tells of each POST on the same
 * standard error.
 *
 *     curl_exporter URL LOG FOLDER
 *
 * LOG: where standard error goes.  The application says something whenever
 * FOLDER/say is there, until FOLDER/end is.
 */
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 4096, PERIOD_US = 100000, SAY_US = 20000 };

static const char *url, *log_path, *folder;

static int is_there(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !access(path, F_OK);
}

/* Quotation marks and control characters would need more care than this. */
static size_t encode(char *out, const char *text, size_t bytes)
{
	char *at = out + sprintf(out, "{\"resourceLogs\":[{\"resource\":{"
				      "\"attributes\":[]},\"scopeLogs\":[{"
				      "\"scope\":{},\"logRecords\":[{"
				      "\"observedTimeUnixNano\":\"1\","
				      "\"body\":{\"stringValue\":\"");

	for (size_t i = 0; i < bytes; i++)
		*at++ = (unsigned char)text[i] < 0x20 || text[i] == '"' ||
					text[i] == '\\' || text[i] & 0x80
				? ' '
				: text[i];
	at += sprintf(at, "\"}}]}]}]}");
	return (size_t)(at - out);
}

static size_t ignore(char *data, size_t one, size_t count, void *context)
{
	(void)data;
	(void)context;
	return one * count;
}

static void *export(void *unused)
{
	static char text[PIECE_BYTES], body[PIECE_BYTES + 1024];
	FILE *log = fopen(log_path, "r");
	CURL *curl = curl_easy_init();
	struct curl_slist *headers =
		curl_slist_append(NULL, "Content-Type: application/json");

	(void)unused;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	while (log && !is_there("end")) {
		clearerr(log);
		size_t bytes = fread(text, 1, sizeof(text), log);
		if (bytes) {
			curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE,
					 (long)encode(body, text, bytes));
			curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
			curl_easy_perform(curl);
		}
		usleep(PERIOD_US);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 4)
		return 2;
	url = argv[1];
	log_path = argv[2];
	folder = argv[3];
	curl_global_init(CURL_GLOBAL_DEFAULT);
	fprintf(stderr, "application begins\n");
	if (pthread_create(&thread, NULL, export, NULL))
		return 1;
	for (unsigned n = 0; !is_there("end"); usleep(SAY_US))
		if (is_there("say"))
			fprintf(stderr, "application says %u\n", ++n);
	pthread_join(thread, NULL);
	return 0;
}
