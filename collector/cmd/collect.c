/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap collect: read what captured programs left in a directory, and deliver
 * it.  The command line and the destinations.  Main thread. */
#include "collect.h"

#include "../base/clock.h"
#include "../base/error.h"
#include "../base/log.h"
#include "../export/otlp_http.h"
#include "collect_config.h"
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How long a session's collector waits for processes that live on when it was
 * told to stop; they were, too, as a rule. */
#define LEAVE_AFTER_NS 10000000000ull

static const struct logtap_option table[] = {
	{"config", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, config), "FILE",
	 "read what is not said here from FILE, in YAML"},
	{"dir", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, directory), "DIR",
	 "the directory that captured programs share with the\n"
	 "collector (their LOGTAP_DIR); made if it is not there"},
	{"output", 'o', LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, output), "FILE",
	 "write OTLP JSON lines behind what FILE holds;\n"
	 "-: to standard output"},
	{"force", 'f', LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_collect_options, force), NULL,
	 "overwrite FILE if it exists"},
	{"otlp", 0, LOGTAP_OPTION_LIST,
	 offsetof(struct logtap_collect_options, otlp), "URL",
	 "send OTLP to URL; may be given more than once"},
	{"otlp-metrics", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, otlp_metrics), "URL",
	 "send metrics of programs and of the collector, too"},
	{"console", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_collect_options, console), NULL,
	 "print each record as a line on standard error"},
	{"journal-bytes", 0, LOGTAP_OPTION_NUMBER,
	 offsetof(struct logtap_collect_options, journal_bytes), "N",
	 "keep at most N bytes that are not delivered yet\n"
	 "(default: 268435456)"},
	{"queue-bytes", 0, LOGTAP_OPTION_NUMBER,
	 offsetof(struct logtap_collect_options, queue_bytes), "N",
	 "of that, keep N bytes in memory for a destination\n"
	 "that takes nothing, so that others go on; then\n"
	 "drop for it (default: 67108864)"},
	{"line-max", 0, LOGTAP_OPTION_NUMBER,
	 offsetof(struct logtap_collect_options, line_max), "N",
	 "cut lines after N bytes (default: 1048576)"},
	{"admin", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, admin), "ADDR",
	 "show recent records and counters over HTTP at\n"
	 "[ADDRESS:]PORT (4319 is usual) or unix:PATH"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, admin_token), "FILE",
	 "ask HTTP clients for the token in FILE; needed for\n"
	 "an address that other machines can reach"},
	{"admin-records", 0, LOGTAP_OPTION_NUMBER,
	 offsetof(struct logtap_collect_options, admin_records), "N",
	 "keep the last N records for it (default: 2048)"},
	{"admin-bytes", 0, LOGTAP_OPTION_NUMBER,
	 offsetof(struct logtap_collect_options, admin_bytes), "N",
	 "in at most N bytes of memory (default: 16777216)"},
	{"loops", 0, LOGTAP_OPTION_OPTIONAL,
	 offsetof(struct logtap_collect_options, loops), "HOW",
	 "look for feedback: records that are caused by the\n"
	 "delivery of records; HOW: observe (as without it)\n"
	 "or probe, which may hold deliveries for a moment"},
	{"level", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, level), "LEVELS",
	 "let events of programs pass by their severity, as in\n"
	 "info,h2=off (logtap level changes it later)"},
	{"stacks", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, stacks), "LEVEL",
	 "say where in its program a record of at least this\n"
	 "severity came from (trace: also what has none)"},
	{"sinks", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, sinks), NULL, NULL},
	{"session-sinks", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_collect_options, session_sinks), NULL, NULL},
	{"stdout", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_collect_options, out), NULL, NULL},
	{"session-fd", 0, LOGTAP_OPTION_NUMBER,
	 offsetof(struct logtap_collect_options, session_fd), "N", NULL},
	{"once", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_collect_options, once), NULL,
	 "deliver what is there now, and end"},
	{"resume", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_collect_options, resume), NULL, NULL},
	{"remove-dir", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_collect_options, remove_directory), NULL, NULL},
};

static const struct logtap_usage usage = {
	.command = "collect",
	.about = "Reads what captured programs leave in a directory, and\n"
		 "delivers it until it is told to stop (SIGTERM).",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

/* Written by the handler, which must find it without an argument. */
static int signal_fd = -1;
static volatile sig_atomic_t signals;
/* So many are heard; the next one ends the process at once. */
static volatile sig_atomic_t patience = 1;
static volatile sig_atomic_t awaiting_finish;

static void on_signal(int number)
{
	(void)number;
	int saved_errno = errno;
	uint64_t one = 1;
	if (!awaiting_finish && signals++ >= patience)
		_exit(LOGTAP_EXIT_BAD);
	if (write(signal_fd, &one, sizeof(one)) < 0)
		_exit(LOGTAP_EXIT_BAD);
	errno = saved_errno;
}

void logtap_signals_await_finish(bool wait)
{
	patience = 2;
	awaiting_finish = wait;
}

void logtap_signals_look(struct logtap_collector *collector)
{
	int heard = signals;
	if (awaiting_finish) {
		logtap_log(LOGTAP_LOG_INFO, "collect",
			   "ignores a signal: the session ends with its "
			   "program");
	} else if (heard >= patience) {
		collector->terminate = true;
	} else if (heard && !collector->leave_ns) {
		collector->leave_ns =
			logtap_clock_monotonic_ns() + LEAVE_AFTER_NS;
		logtap_log(LOGTAP_LOG_INFO, "collect",
			   "ends with the last process, or in %llu s",
			   LEAVE_AFTER_NS / 1000000000);
	}
}

static int take_signals(struct logtap_collector *collector)
{
	struct sigaction action = {.sa_handler = on_signal};
	collector->signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (collector->signal_fd < 0)
		return -errno;
	signal_fd = collector->signal_fd;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	/* A write that fails says so by itself. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	sigaction(SIGXFSZ, &action, NULL);
	return 0;
}

static int add(struct logtap_collector *collector,
	       struct logtap_exporter *exporter, char *error,
	       size_t error_bytes)
{
	int result = logtap_dispatcher_add(collector->dispatcher, exporter);
	if (result) {
		snprintf(error, error_bytes,
			 "collect: %s: too many destinations; name fewer",
			 exporter->name);
		exporter->ops->free(exporter);
	}
	return result;
}

static int add_otlp(struct logtap_collector *collector, const char *url,
		    struct logtap_batch_limits *limits, char *error,
		    size_t error_bytes)
{
	struct logtap_otlp_config config;
	struct logtap_exporter *exporter;
	int result =
		logtap_collect_otlp_config(&config, &collector->options, url,
					   &logtap_otlp_process_environment,
					   error, error_bytes);
	if (result)
		return result;
	uint64_t delay_ns = (uint64_t)config.schedule_delay_ms * 1000000;
	uint64_t export_ns = (uint64_t)config.export_timeout_ms * 1000000;
	if (!limits->records || config.max_batch_records < limits->records)
		limits->records = config.max_batch_records;
	if (delay_ns && delay_ns < limits->age_ns)
		limits->age_ns = delay_ns;
	if (export_ns > collector->export_ns)
		collector->export_ns = export_ns;
	if (collector->loops)
		config.tap = &collector->export_tap;
	result = logtap_otlp_exporter_new(&config, &exporter, error,
					  error_bytes);
	return result ? result : add(collector, exporter, error, error_bytes);
}

static int add_file(struct logtap_collector *collector, char *error,
		    size_t error_bytes)
{
	struct logtap_exporter *exporter;
	struct logtap_file_options options = {
		.path = collector->options.output,
		.overwrite =
			collector->options.force && !collector->options.resume,
		/* A session's file is its own; a service goes on. */
		.append = collector->options.resume ||
			  (!collector->options.force &&
			   collector->session_fd < 0),
		.resume = collector->options.resume,
	};
	int result = logtap_file_exporter_new(&options, &exporter, error,
					      error_bytes);
	return result ? result : add(collector, exporter, error, error_bytes);
}

static int add_console(struct logtap_collector *collector, char *error,
		       size_t error_bytes)
{
	struct logtap_exporter *exporter;
	int result = logtap_console_exporter_new(STDERR_FILENO, &exporter);
	if (result) {
		snprintf(error, error_bytes, "collect: --console: %s",
			 strerror(-result));
		return result;
	}
	return add(collector, exporter, error, error_bytes);
}

/* What the admin endpoint shows is a destination like the others. */
static int add_registry(struct logtap_collector *collector, char *error,
			size_t error_bytes)
{
	const struct logtap_logs_limits limits = {
		.records = (size_t)collector->options.admin_records,
		.bytes = (size_t)collector->options.admin_bytes,
	};
	struct logtap_exporter *exporter;
	int result = logtap_logs_new(&limits, &collector->logs);
	if (!result)
		result = logtap_registry_exporter_new(collector->logs,
						      &exporter);
	if (result) {
		snprintf(error, error_bytes, "collect: --admin: %s",
			 strerror(-result));
		return result;
	}
	return add(collector, exporter, error, error_bytes);
}

/* Counts what goes out; the destinations do not see it differently. */
static void count_and_submit(void *context, struct logtap_batch *batch)
{
	struct logtap_collector *collector = context;
	if (collector->closed) {
		logtap_batch_unref(batch);
		return;
	}
	const uint64_t *severities = logtap_batch_severities(batch);
	collector->records += logtap_batch_records(batch);
	for (int i = 0; i < LOGTAP_SEVERITY_CLASSES; i++)
		collector->severities[i] += severities[i];
	if (collector->resources)
		logtap_resources_note(collector->resources, batch);
	if (collector->loops)
		logtap_loops_submit(collector->loops, batch);
	logtap_dispatcher_submit(collector->dispatcher, batch);
}

int logtap_collector_add_destinations(struct logtap_collector *collector,
				      char *error, size_t error_bytes)
{
	const struct logtap_collect_options *options = &collector->options;
	struct logtap_batch_limits limits = {.age_ns = 250 * 1000000u};
	int result =
		logtap_collect_check(options, error, error_bytes) ? 0 : -EINVAL;
	if (options->otlp.count)
		limits.age_ns = UINT64_C(5000000000);
	for (size_t i = 0; !result && i < options->otlp.count; i++)
		result = add_otlp(collector, options->otlp.items[i], &limits,
				  error, error_bytes);
	if (!result && options->output)
		result = add_file(collector, error, error_bytes);
	if (!result && options->console)
		result = add_console(collector, error, error_bytes);
	if (!result && options->admin)
		result = add_registry(collector, error, error_bytes);
	if (result)
		return result;
	if (!options->otlp.count)
		collector->export_ns = UINT64_C(30000000000);
	collector->batcher =
		logtap_batcher_new(&limits, count_and_submit, collector);
	if (collector->batcher)
		return 0;
	snprintf(error, error_bytes, "collect: %s", strerror(ENOMEM));
	return -ENOMEM;
}

/* The environment's, where the command line has none. */
static void choose_destination(struct logtap_collect_options *options)
{
	if (!options->output && !options->console && !options->otlp.count &&
	    logtap_otlp_wanted(&logtap_otlp_process_environment))
		options->otlp.items[options->otlp.count++] = "";
}

static bool has_destination(const struct logtap_collect_options *options)
{
	return options->output || options->console || options->otlp.count ||
	       options->admin;
}

static int usage_error(const char *where, const char *why)
{
	logtap_error_print("collect", where, why, logtap_options_hint(&usage));
	return LOGTAP_EXIT_USAGE;
}

/* Is it usable?  Return: 0 or the exit status, after a message. */
static int judge(struct logtap_collector *collector)
{
	struct logtap_collect_options *options = &collector->options;
	char why[1024];

	if (!options->directory || !*options->directory)
		return usage_error("--dir", "is missing");
	if (!has_destination(options))
		return usage_error("destinations",
				   "none is named (-o, --otlp, --console, "
				   "--admin)");
	if (options->loops && options->loops[0] &&
	    strcmp(options->loops, "observe") &&
	    strcmp(options->loops, "probe"))
		return usage_error("--loops", "takes observe or probe");
	if (options->level &&
	    !logtap_levels_parse(options->level, &collector->levels, why,
				 sizeof(why)))
		return usage_error("--level", why);
	if (options->stacks &&
	    !logtap_levels_parse_one(options->stacks, &collector->stack_level))
		return usage_error("--stacks",
				   "takes trace, debug, info, warn, error or "
				   "fatal");
	if (options->admin_records < 0)
		options->admin_records = LOGTAP_LOGS_RECORDS;
	if (options->admin_bytes < 0)
		options->admin_bytes = LOGTAP_LOGS_BYTES;
	if (!options->admin_records)
		return usage_error("--admin-records",
				   "0 records could not be shown");
	if (!options->admin_bytes)
		return usage_error("--admin-bytes",
				   "no record fits into 0 bytes");
	return 0;
}

static int work(struct logtap_collector *collector)
{
	int status = judge(collector);

	if (status)
		return status;
	if (collector->options.session_fd > 0) {
		collector->session_fd = (int)collector->options.session_fd;
		logtap_signals_await_finish(true);
	}
	collector->terminate = collector->options.once;
	int result = take_signals(collector);
	if (!result)
		result = logtap_collector_open(collector);
	if (!result)
		result = logtap_collector_work(collector);
	logtap_collector_close(collector);
	return result ? LOGTAP_EXIT_BAD : LOGTAP_EXIT_GOOD;
}

int logtap_cmd_collect(int argc, char **argv)
{
	struct logtap_collector collector = {
		.dir_fd = -1,
		.lock_fd = -1,
		.session_fd = -1,
		.wake_fd = -1,
		.signal_fd = -1,
		.options = {.admin_records = -1, .admin_bytes = -1},
	};
	struct logtap_collect_config *config = NULL;
	char why[1024];
	int first;
	int result = logtap_options_parse(&usage, argc, argv,
					  &collector.options, &first);
	if (result)
		return result > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (first < argc)
		return usage_error(argv[first], "takes no operand");
	choose_destination(&collector.options);
	if (collector.options.config) {
		if (logtap_collect_config_load(collector.options.config,
					       &config, why, sizeof(why))) {
			logtap_error_say("%s", why);
			return LOGTAP_EXIT_USAGE;
		}
		logtap_collect_config_apply(config, &collector.options);
	}
	int status = work(&collector);
	logtap_collect_config_free(config);
	return status;
}
