/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The configuration file of `logtap collect', in YAML.
 *
 * Command line > environment > file > default.  The main thread, at the start.
 */
#ifndef LOGTAP_CMD_COLLECT_CONFIG_H
#define LOGTAP_CMD_COLLECT_CONFIG_H

#include "options.h"

struct logtap_collect_config;

/* Return: 0, or a negative errno value with a text in @error that names the
 * file, the line or the field, and what is wrong with it. */
int logtap_collect_config_load(const char *path,
			       struct logtap_collect_config **out, char *error,
			       size_t error_bytes);
void logtap_collect_config_free(struct logtap_collect_config *config);

/* Fills what @options does not say, with strings that belong to @config.  Sets
 * variables of OpenTelemetry that the environment does not have. */
void logtap_collect_config_apply(const struct logtap_collect_config *config,
				 struct logtap_collect_options *options);

#endif
