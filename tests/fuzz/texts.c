/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that reads a text which a user, a host or a network wrote: the
 * first byte says which. */
#include "../../collector/admin/address.h"
#include "../../collector/admin/query.h"
#include "../../collector/cmd/collect/config.h"
#include "../../collector/export/otlp_headers.h"
#include "../../collector/export/otlp_response.h"
#include "../../collector/export/otlp_url.h"
#include "../../collector/intake/levels.h"
#include "../../collector/run/elf.h"
#include "../../collector/shape/journal_fields.h"
#include "../../collector/shape/syslog.h"
#include "../../collector/shape/traceparent.h"
#include "../../collector/shape/utf8.h"
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool inside(const struct logtap_syslog_part *part, const char *text,
		   size_t bytes)
{
	return !part->bytes ||
	       (part->text >= text && part->text + part->bytes <= text + bytes);
}

static void read_syslog(const char *text, size_t bytes)
{
	struct logtap_syslog out;
	logtap_syslog_parse(&out, text, bytes);
	FUZZ_CHECK(!out.has_priority || out.priority <= 191);
	FUZZ_CHECK(inside(&out.host, text, bytes));
	FUZZ_CHECK(inside(&out.ident, text, bytes));
	FUZZ_CHECK(inside(&out.procid, text, bytes));
	FUZZ_CHECK(inside(&out.msgid, text, bytes));
	FUZZ_CHECK(inside(&out.data, text, bytes));
	FUZZ_CHECK(inside(&out.message, text, bytes));
}

static void read_journal(const char *text, size_t bytes)
{
	static struct logtap_journal_entry entry;
	size_t read;
	while (bytes &&
	       (read = logtap_journal_read(&entry, text, bytes, bytes % 2))) {
		FUZZ_CHECK(read <= bytes);
		FUZZ_CHECK(entry.count <= LOGTAP_JOURNAL_ATTRIBUTES);
		text += read;
		bytes -= read;
	}
}

static void read_utf8(const char *text, size_t bytes)
{
	struct logtap_bytes out = {0};
	int repaired = logtap_utf8_repair(&out, text, bytes);
	FUZZ_CHECK(repaired >= 0 &&
		   !repaired == logtap_utf8_valid(text, bytes));
	FUZZ_CHECK(logtap_utf8_valid((const char *)out.data, out.size));
	FUZZ_CHECK(repaired || (out.size == bytes &&
				(!bytes || !memcmp(out.data, text, bytes))));
	for (size_t limit = 0; limit <= bytes && limit < 16; limit++)
		FUZZ_CHECK(repaired ||
			   logtap_utf8_valid(text, logtap_utf8_cut(text, bytes,
								   limit)));
	logtap_bytes_deinit(&out);
}

static void read_config(const char *text, size_t bytes)
{
	struct logtap_collect_config *config = NULL;
	char path[64], error[256] = "";
	int fd = memfd_create("config.yaml", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && write(fd, text, bytes) == (ssize_t)bytes);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int result =
		logtap_collect_config_load(path, &config, error, sizeof(error));
	FUZZ_CHECK(result <= 0 && (result < 0) == (*error != 0));
	if (!result)
		logtap_collect_config_free(config);
	close(fd);
}

static void read_elf(const char *text, size_t bytes)
{
	struct logtap_elf elf;
	int fd = memfd_create("elf", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && write(fd, text, bytes) == (ssize_t)bytes);
	logtap_elf_read(fd, &elf);
	close(fd);
}

static void read_response(const char *text, size_t bytes)
{
	static const char *const types[] = {
		"application/x-protobuf", "application/json", "text/plain", ""};
	struct logtap_otlp_response response;
	for (unsigned i = 0; i < 4; i++) {
		const unsigned char *body = (const unsigned char *)text;
		memset(&response, 0, sizeof(response));
		logtap_otlp_response_taken(&response, types[i], body, bytes);
		FUZZ_CHECK(logtap_utf8_valid(response.message,
					     strlen(response.message)));
		memset(&response, 0, sizeof(response));
		logtap_otlp_response_refused(&response, types[i], body, bytes);
		FUZZ_CHECK(logtap_utf8_valid(response.message,
					     strlen(response.message)));
	}
}

static void left_out(void *context, unsigned entry, const char *why)
{
	(void)context;
	FUZZ_CHECK(entry > 0 && why);
}

/* Those that take a text with a NUL. */
static void read_words(const char *text)
{
	struct logtap_trace_context trace;
	struct logtap_levels levels;
	struct logtap_address address;
	struct logtap_otlp_header *headers = NULL;
	size_t count = 0;
	char why[256], *url = NULL, *name = NULL;
	logtap_traceparent_read(text, &trace);
	logtap_levels_parse(text, &levels, why, sizeof(why));
	logtap_address_parse(text, &address);
	FUZZ_CHECK(!logtap_otlp_headers_parse(text, &headers, &count, left_out,
					      NULL));
	logtap_otlp_headers_free(headers, count);
	for (int form = LOGTAP_OTLP_URL_BASE; form <= LOGTAP_OTLP_URL_OPTION;
	     form++)
		if (!logtap_otlp_url_parse(text, form, "v1/logs", &url, &name,
					   why, sizeof(why))) {
			free(url);
			free(name);
		}
}

static void read_query(const char *text)
{
	static const char *const names[] = {"format", "after", "limit",
					    "level",  "q",     "service",
					    "pid",    "tid",   "trace_id"};
	struct logtap_query query;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		logtap_query_init(&query, i & 1);
		logtap_query_set(&query, names[i], text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static void (*const readers[])(const char *, size_t) = {
		read_syslog, read_journal,  read_utf8,
		read_config, read_response, read_elf};
	enum { READERS = sizeof(readers) / sizeof(readers[0]) };
	if (!bytes)
		return 0;
	unsigned which = data[0] % (READERS + 2);
	if (which < READERS) {
		char *copy = (char *)fuzz_copy(data + 1, bytes - 1);
		readers[which](copy, bytes - 1);
		free(copy);
		return 0;
	}
	char *text = fuzz_text(data + 1, bytes - 1);
	which == READERS ? read_words(text) : read_query(text);
	free(text);
	return 0;
}
