/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of `logtap collect': see the header.  Main thread. */
#include "config_private.h"

#include "../../base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libcyaml has no reason when it cannot.  Return: 0 or -errno. */
static int try_to_read(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 || read(fd, &byte, 1) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

int logtap_collect_config_load(const char *path,
			       struct logtap_collect_config **out, char *error,
			       size_t error_bytes)
{
	struct logtap_collect_config *config = calloc(1, sizeof(*config));
	struct complaint complaint = {.line = 0};
	const cyaml_config_t how = {
		.log_fn = logtap_collect_config_listen,
		.log_ctx = &complaint,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	int result = config ? try_to_read(path) : -ENOMEM;

	if (result) {
		logtap_error_format(error, error_bytes, "collect", path,
				    strerror(-result), "name another --config");
	} else {
		cyaml_err_t code = cyaml_load_file(
			path, &how, &logtap_collect_config_schema,
			(cyaml_data_t **)&config->document, NULL);
		result = code ? -EINVAL : 0;
		if (code)
			logtap_collect_config_complain(&complaint, path, code,
						       error, error_bytes);
	}
	if (!result && config->document)
		result = logtap_collect_config_check(config->document, path,
						     error, error_bytes);
	if (result)
		logtap_collect_config_free(config);
	else
		*out = config;
	return result;
}

void logtap_collect_config_free(struct logtap_collect_config *config)
{
	const cyaml_config_t how = {
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
	};

	if (!config)
		return;
	cyaml_free(&how, &logtap_collect_config_schema, config->document, 0);
	free(config);
}
