/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap collect: read what captured programs left in a directory, and deliver
 * it.  Main thread. */
#include "collector.h"

#include "../../base/error.h"
#include "../command.h"
#include "config.h"

/* Return: an exit status. */
int logtap_collect_work(const struct logtap_collect_options *options)
{
	struct logtap_collector collector = {
		.dir_fd = -1,
		.lock_fd = -1,
		.session_fd = -1,
		.wake_fd = -1,
		.signal_fd = -1,
		.options = *options,
	};

	if (!logtap_collect_options_judge(&collector.options, &collector.meant))
		return LOGTAP_EXIT_USAGE;
	if (collector.options.session_fd > 0) {
		collector.session_fd = (int)collector.options.session_fd;
		logtap_collector_signals_await_finish(true);
	}
	collector.terminate = collector.options.once;
	int result = logtap_collector_signals_take(&collector);
	if (!result)
		result = logtap_collector_open(&collector);
	if (!result)
		result = logtap_collector_work(&collector);
	logtap_collector_close(&collector);
	return result ? LOGTAP_EXIT_BAD : LOGTAP_EXIT_GOOD;
}

int logtap_cmd_collect(int argc, char **argv)
{
	struct logtap_collect_options options = LOGTAP_COLLECT_DEFAULTS;
	struct logtap_collect_config *config = NULL;
	char why[1024];
	int status;

	if (logtap_collect_options_parse(argc, argv, &options, &status))
		return status;
	if (options.config) {
		if (logtap_collect_config_load(options.config, &config, why,
					       sizeof(why))) {
			logtap_error_say("%s", why);
			return LOGTAP_EXIT_USAGE;
		}
		logtap_collect_config_apply(config, &options);
	}
	status = logtap_collect_work(&options);
	logtap_collect_config_free(config);
	return status;
}
