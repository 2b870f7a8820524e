/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics as text: see the header. */
#include "exposition.h"

#include "../shape/utf8.h"

#include <stdio.h>
#include <string.h>

static void put(struct logtap_exposition *to, const char *text)
{
	if (!to->error)
		to->error = logtap_bytes_append(to->out, text, strlen(text));
}

void logtap_exposition_family(struct logtap_exposition *to, const char *name,
			      bool counter, const char *help)
{
	char line[512];
	/* the older format names the family as its samples */
	const char *suffix = counter && !to->open_metrics ? "_total" : "";

	to->name = name;
	to->counter = counter;
	snprintf(line, sizeof(line), "# HELP %s%s %s\n# TYPE %s%s %s\n", name,
		 suffix, help, name, suffix, counter ? "counter" : "gauge");
	put(to, line);
}

/* A process chose its name, and not for us. */
static void put_label_value(struct logtap_exposition *to, const char *value)
{
	struct logtap_bytes clean = {0};
	char piece[3] = "";

	if (!to->error)
		to->error = logtap_utf8_repair(&clean, value, strlen(value)) < 0
				    ? -1
				    : 0;
	for (size_t i = 0; !to->error && i < clean.size; i++) {
		char byte = (char)clean.data[i];
		snprintf(piece, sizeof(piece), "%s%c",
			 byte == '"' || byte == '\\' || byte == '\n' ? "\\"
								     : "",
			 byte == '\n' ? 'n' : byte);
		put(to, piece);
	}
	logtap_bytes_deinit(&clean);
}

static void put_sample(struct logtap_exposition *to,
		       const struct logtap_label *labels, size_t count,
		       const char *value)
{
	bool open = false;

	put(to, to->name);
	put(to, to->counter ? "_total" : "");
	for (size_t i = 0; i < count; i++) {
		if (!labels[i].name)
			continue;
		put(to, open ? "," : "{");
		open = true;
		put(to, labels[i].name);
		put(to, "=\"");
		put_label_value(to, labels[i].value);
		put(to, "\"");
	}
	put(to, open ? "} " : " ");
	put(to, value);
	put(to, "\n");
}

void logtap_exposition_sample(struct logtap_exposition *to,
			      const struct logtap_label *labels, size_t count,
			      uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_sample(to, labels, count, text);
}

void logtap_exposition_signed(struct logtap_exposition *to,
			      const struct logtap_label *labels, size_t count,
			      int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	put_sample(to, labels, count, text);
}

void logtap_exposition_seconds(struct logtap_exposition *to,
			       const struct logtap_label *labels, size_t count,
			       uint64_t value_ns)
{
	char text[40];

	snprintf(text, sizeof(text), "%llu.%09llu",
		 (unsigned long long)value_ns / 1000000000,
		 (unsigned long long)value_ns % 1000000000);
	put_sample(to, labels, count, text);
}

void logtap_exposition_end(struct logtap_exposition *to)
{
	if (to->open_metrics)
		put(to, "# EOF\n");
}
