/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file's values, where the command line has none.  Main
 * thread. */
#include "config_private.h"

#include <stdlib.h>
#include <string.h>

static void take_text(const char **option, const char *value)
{
	if (!*option)
		*option = value;
}

static void take_number(long *option, const struct number *number)
{
	if (!*option)
		*option = number->value;
}

static void apply_admin(const struct admin *admin,
			struct logtap_collect_options *options)
{
	if (!options->admin)
		options->admin = admin->listen;
	take_text(&options->admin_token, admin->token_file);
	if (options->admin_records < 0 && admin->records.text)
		options->admin_records = admin->records.value;
	if (options->admin_bytes < 0 && admin->bytes.text)
		options->admin_bytes = admin->bytes.value;
}

static void apply_otlp(const struct document *document,
		       struct logtap_collect_options *options)
{
	if (options->otlp.count) /* the command line's or the environment's */
		return;
	for (uint32_t i = 0; i < document->otlp_count; i++)
		options->otlp.items[options->otlp.count++] = document->otlp[i];
}

void logtap_collect_config_apply(const struct logtap_collect_config *config,
				 struct logtap_collect_options *options)
{
	const struct document *document = config->document;

	if (!document)
		return;
	take_text(&options->directory, document->directory);
	if (document->file && !options->output) {
		options->output = document->file->path;
		options->force |= document->file->overwrite;
	}
	options->console |= document->console;
	apply_otlp(document, options);
	for (uint32_t i = 0; i < document->environment_count; i++)
		setenv(document->environment[i].name,
		       document->environment[i].value, 0);
	if (document->metrics &&
	    !logtap_otlp_metrics_wanted(&logtap_otlp_process_metrics))
		take_text(&options->otlp_metrics, document->metrics->otlp);
	if (document->admin)
		apply_admin(document->admin, options);
	if (document->limits) {
		take_number(&options->journal_bytes,
			    &document->limits->journal_bytes);
		take_number(&options->queue_bytes,
			    &document->limits->queue_bytes);
		take_number(&options->line_max, &document->limits->line_bytes);
	}
	take_text(&options->wishes.loops, document->loops);
	take_text(&options->wishes.level, document->level);
	take_text(&options->wishes.stacks, document->stacks);
	if (document->resource) {
		options->attributes = document->resource->attributes;
		options->attribute_count = document->resource->attributes_count;
	}
	if (document->log && document->log->level)
		logtap_log_set_level(*document->log->level);
	if (document->log && document->log->to &&
	    !strcmp(document->log->to, "none"))
		logtap_log_set_level(LOGTAP_LOG_NONE);
}
