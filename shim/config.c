/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The environment: see the header.  Runs in the constructor. */
#include "config.h"

#include "admit.h"
#include "api/level.h"
#include "auxv.h"
#include "bytes.h"
#include "segment/create.h"
#include "segment/procfs.h"

#include <errno.h>

#define RING_BYTES_DEFAULT (UINT64_C(2) << 20)
#define PROCESS_BYTES_DEFAULT (UINT64_C(256) << 20)
#define BLOCK_MS_DEFAULT UINT64_C(100)
#define BLOCK_MS_MAX UINT64_C(3600000)

const char *logtap_config_variable(char **envp, const char *prefix)
{
	for (; envp && *envp; envp++) {
		const char *value = logtap_bytes_after(*envp, prefix);
		if (value && *value) /* empty means unset */
			return value;
	}
	return NULL;
}

static bool read_flag(char **envp, const char *prefix, const char *complaint)
{
	const char *value = logtap_config_variable(envp, prefix);
	bool set = value && logtap_bytes_same(value, "1");

	if (value && !set && !logtap_bytes_same(value, "0"))
		logtap_segment_diagnose(EINVAL, complaint);
	return set;
}

static void read_mode(char **envp, struct logtap_config *config)
{
	const char *value = logtap_config_variable(envp, "LOGTAP_MODE=");

	config->mode = LOGTAP_MODE_TEE;
	if (!value || logtap_bytes_same(value, "tee"))
		return;
	if (logtap_bytes_same(value, "divert"))
		config->mode = LOGTAP_MODE_DIVERT;
	else
		logtap_segment_diagnose(
			EINVAL, "LOGTAP_MODE: not tee or divert; tee is used");
}

/* block or block:MS */
static bool read_block(const char *value, struct logtap_config *config)
{
	uint64_t ms = BLOCK_MS_DEFAULT;
	const char *rest = logtap_bytes_after(value, "block");

	if (!rest)
		return false;
	if (*rest && (*rest++ != ':' || !logtap_bytes_number(&rest, &ms) ||
		      *rest || ms > BLOCK_MS_MAX))
		return false;
	config->full = LOGTAP_FULL_BLOCK;
	config->block_ns = ms * 1000000;
	return true;
}

static void read_full(char **envp, struct logtap_config *config)
{
	static const char *const names[] = {
		[LOGTAP_FULL_AUTO] = "auto",
		[LOGTAP_FULL_DROP_NEWEST] = "drop-newest",
		[LOGTAP_FULL_DROP_OLDEST] = "drop-oldest",
	};
	const char *value = logtap_config_variable(envp, "LOGTAP_FULL=");

	config->full = LOGTAP_FULL_AUTO;
	config->block_ns = BLOCK_MS_DEFAULT * 1000000;
	if (!value || read_block(value, config))
		return;
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (logtap_bytes_same(value, names[i])) {
			config->full = (enum logtap_full)i;
			return;
		}
	logtap_segment_diagnose(EINVAL,
				"LOGTAP_FULL: not auto, drop-newest, "
				"drop-oldest or block[:MS]; auto is used");
}

static void read_stacks(char **envp, struct logtap_config *config)
{
	const char *value = logtap_config_variable(envp, "LOGTAP_STACKS=");

	config->stack_level = 0;
	if (value && !logtap_level_named(value, logtap_bytes_length(value),
					 &config->stack_level))
		logtap_segment_diagnose(EINVAL, "LOGTAP_STACKS: not a severity "
						"such as error; there are no "
						"stacks");
}

static void read_ring_bytes(char **envp, struct logtap_config *config)
{
	const char *value = logtap_config_variable(envp, "LOGTAP_RING_BYTES=");
	uint64_t bytes, rounded = LOGTAP_RING_BYTES_MIN;

	config->ring_bytes_max = RING_BYTES_DEFAULT;
	if (!value)
		return;
	if (!logtap_bytes_number(&value, &bytes) || *value ||
	    bytes < LOGTAP_RING_BYTES_MIN || bytes > LOGTAP_RING_BYTES_MAX) {
		logtap_segment_diagnose(EINVAL,
					"LOGTAP_RING_BYTES: not a number from "
					"4096 to 67108864; 2097152 is used");
		return;
	}
	while (rounded < bytes)
		rounded *= 2;
	config->ring_bytes_max = rounded;
}

/* Set by `logtap run`, which asked the kernel once for all that it starts. */
static void read_clock(char **envp, struct logtap_config *config)
{
	const char *value = logtap_config_variable(envp, "LOGTAP_CLOCK=");

	if (value && !logtap_bytes_same(value, "tsc"))
		logtap_segment_diagnose(EINVAL, "LOGTAP_CLOCK: not tsc; the "
						"kernel's clock is used");
#if defined(__x86_64__)
	config->clock_is_tsc = value && logtap_bytes_same(value, "tsc");
#else
	(void)value;
	config->clock_is_tsc = false;
#endif
}

static bool read_file(const char **value, struct logtap_file_id *file)
{
	return logtap_bytes_number(value, &file->device) &&
	       *(*value)++ == ':' && logtap_bytes_number(value, &file->inode);
}

/* LOGTAP_SINK=DEVICE:INODE,DEVICE:INODE, set by `logtap run`: its stderr and
 * its stdout. */
static void read_session(char **envp, struct logtap_config *config)
{
	const char *value = logtap_config_variable(envp, "LOGTAP_SINK=");
	struct logtap_file_id session[2];

	if (!value)
		return;
	if (read_file(&value, &session[0]) && *value++ == ',' &&
	    read_file(&value, &session[1]) && !*value) {
		__builtin_memcpy(config->session, session, sizeof session);
		value = logtap_config_variable(envp, "LOGTAP_SINKS=");
		config->hides = !value || !logtap_bytes_same(value, "all");
	} else
		logtap_segment_diagnose(EINVAL, "LOGTAP_SINK: not DEVICE:INODE,"
						"DEVICE:INODE; it is ignored");
}

/* What is captured besides stderr and syslog. */
static void read_channels(char **envp, struct logtap_config *config)
{
	const char *files = logtap_config_variable(envp, "LOGTAP_FILES=");

	read_session(envp, config);
	config->files = NULL;
	config->out = read_flag(
		envp, "LOGTAP_STDOUT=", "LOGTAP_STDOUT: not 0 or 1; 0 is used");
	if (files && logtap_bytes_length(files) >= sizeof logtap_state.files)
		logtap_segment_diagnose(E2BIG, "LOGTAP_FILES: longer than 2047 "
					       "bytes; no log files are "
					       "captured");
	else if (files) {
		logtap_bytes_string(logtap_state.files,
				    sizeof logtap_state.files, files);
		config->files = logtap_state.files;
	}
}

bool logtap_config_read(char **envp, struct logtap_config *config)
{
	const char *directory = logtap_config_variable(envp, "LOGTAP_DIR=");
	const char *disabled = logtap_config_variable(envp, "LOGTAP_DISABLED=");
	size_t size;

	if (!directory || (disabled && !logtap_bytes_same(disabled, "0")))
		return false;
	size = logtap_bytes_string(config->directory, sizeof config->directory,
				   directory);
	if (directory[0] != '/' || directory[size])
		return false; /* relative or too long: nobody to tell */
	config->follow = read_flag(
		envp, "LOGTAP_FOLLOW=", "LOGTAP_FOLLOW: not 0 or 1; 0 is used");
	read_clock(envp, config);
	read_channels(envp, config);
	config->process_bytes_max = PROCESS_BYTES_DEFAULT;
	read_mode(envp, config);
	read_full(envp, config);
	read_ring_bytes(envp, config);
	read_stacks(envp, config);
	return true;
}

static const char *read_list(char **envp, const char *prefix,
			     const char *complaint)
{
	const char *list = logtap_config_variable(envp, prefix);

	if (!list || logtap_admit_list_good(list))
		return list;
	logtap_segment_diagnose(EINVAL, complaint);
	return NULL;
}

bool logtap_config_admits(char **envp, char **argv)
{
	char file[LOGTAP_EXECUTABLE_BYTES] = "";
	struct logtap_admit program = {
		.only = read_list(envp, "LOGTAP_ONLY=",
				  "LOGTAP_ONLY: not a list of patterns; it is "
				  "ignored"),
		.exclude = read_list(envp, "LOGTAP_EXCLUDE=",
				     "LOGTAP_EXCLUDE: not a list of patterns; "
				     "it is ignored"),
		.file = file,
		.executed = (const char *)logtap_auxv(AT_EXECFN),
		.argv = (const char *const *)argv,
	};

	if ((program.only || program.exclude) && !logtap_filtered())
		logtap_procfs_link("/proc/self/exe", file, sizeof file);
	return logtap_admit(&program, NULL) == LOGTAP_ADMITTED;
}
