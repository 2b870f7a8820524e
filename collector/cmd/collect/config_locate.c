/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where a configuration file is no YAML: libcyaml keeps what libyaml says of it,
 * but names the last line that was understood.  Main thread. */
#include "config_private.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* libyaml finds out at its end that a text, or a key, was not ended. */
static bool is_where_it_began(const yaml_parser_t *parser)
{
	return parser->context &&
	       (!strcmp(parser->context, "while scanning a simple key") ||
		!strcmp(parser->context, "while scanning a quoted scalar"));
}

/* Is that what may not begin a word a tab? */
static bool has_tab(FILE *file, const yaml_mark_t *mark)
{
	char line[512] = "";

	rewind(file);
	for (size_t i = 0; i <= mark->line; i++)
		if (!fgets(line, sizeof(line), file))
			return false;
	return line[strspn(line, " ")] == '\t';
}

static void take(struct complaint *complaint, const yaml_parser_t *parser,
		 FILE *file)
{
	const yaml_mark_t *mark = is_where_it_began(parser)
					  ? &parser->context_mark
					  : &parser->problem_mark;

	if (has_tab(file, mark))
		snprintf(complaint->why, sizeof(complaint->why),
			 "indented with a tab: YAML takes spaces");
	complaint->line = (unsigned)mark->line + 1;
	complaint->field[0] = 0;
}

void logtap_collect_config_locate(struct complaint *complaint, const char *path)
{
	yaml_parser_t parser;
	yaml_event_t event;
	bool more = true;
	FILE *file = fopen(path, "re");

	if (!file)
		return;
	if (yaml_parser_initialize(&parser)) {
		yaml_parser_set_input_file(&parser, file);
		while (more && yaml_parser_parse(&parser, &event)) {
			more = event.type != YAML_STREAM_END_EVENT;
			yaml_event_delete(&event);
		}
		if (parser.error == YAML_SCANNER_ERROR ||
		    parser.error == YAML_PARSER_ERROR)
			take(complaint, &parser, file);
		yaml_parser_delete(&parser);
	}
	fclose(file);
}
