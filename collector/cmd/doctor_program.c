/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap doctor CMD: what of a program would be captured, before it is started?
 * Main thread. */
#include "command.h"
#include "doctor.h"

#include "../../shim/admit.h"
#include "../base/error.h"
#include "../intake/disarm.h"
#include "../run/channels.h"
#include "../run/directory.h"
#include "../run/library.h"
#include "../run/remains.h"
#include "../run/target.h"
#include "../run/variables.h"

#include <fcntl.h>
#include <limits.h>
#include <logtap/abi/control.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* A first segment: its control part, two slots and what belongs to them. */
enum { SEGMENT_BYTES_LEAST = 64 << 10 };

/* How (much of) a program would be captured. */
enum outlook { NOTHING, CHILDREN, PIPED, PRELOADED };

static void row(const char *label, const char *text)
{
	logtap_doctor_row(label, "%s", text);
}

static void print_kind(const struct logtap_target *target)
{
	char scratch[32];
	const struct logtap_elf *elf = &target->elf;

	if (!target->known) {
		row("kind", "not an ELF file that can be read: what follows is "
			    "a guess");
		return;
	}
	logtap_doctor_row("kind", "%u-bit ELF for %s", elf->bits,
			  logtap_elf_machine_name(elf->machine, scratch));
	if (!elf->native)
		return;
	row("loader",
	    *elf->interpreter ? elf->interpreter : "none: statically linked");
}

/* Do the environment and the built-in list let it be captured? */
static bool admits(const struct logtap_target *target, char **command,
		   const struct logtap_variables *variables)
{
	const char *reason = NULL;
	const char *only = logtap_variables_get(variables, "LOGTAP_ONLY");
	const char *exclude = logtap_variables_get(variables, "LOGTAP_EXCLUDE");
	struct logtap_admit program = {
		.only = only && *only ? only : NULL,
		.exclude = exclude && *exclude ? exclude : NULL,
		.file = target->image,
		.executed = target->path,
		/* Those of a script's interpreter are others. */
		.argv = target->script ? NULL : (const char *const *)command,
	};

	switch (logtap_admit(&program, &reason)) {
	case LOGTAP_ADMITTED:
		return true;
	case LOGTAP_ADMIT_NOT_ONLY:
		row("left alone", "LOGTAP_ONLY does not name it");
		break;
	case LOGTAP_ADMIT_EXCLUDED:
		row("left alone", "LOGTAP_EXCLUDE names it");
		break;
	case LOGTAP_ADMIT_BUILT_IN:
		logtap_doctor_row("left alone",
				  "%s (unless LOGTAP_ONLY names it)", reason);
		break;
	}
	return false;
}

static enum outlook examine_target(const struct logtap_target *target,
				   char **command,
				   const struct logtap_variables *variables)
{
	static char text[3 * PATH_MAX];
	bool piped = logtap_target_needs_pipe(target);
	bool out = logtap_channels_have_out(variables);

	row("program", target->path);
	if (target->script)
		row("interpreter", target->image);
	print_kind(target);
	if (target->fault) {
		logtap_target_explain(target,
				      !piped ? LOGTAP_PIPED_NOT
				      : out  ? LOGTAP_PIPED_ERROR |
						      LOGTAP_PIPED_OUTPUT
					    : LOGTAP_PIPED_ERROR,
				      text, sizeof(text));
		row("problem", text);
		return piped ? PIPED : NOTHING;
	}
	return admits(target, command, variables) ? PRELOADED : CHILDREN;
}

/* What keeps everything from being captured.  Return: whether it was found. */
static bool examine_environment(const struct logtap_variables *variables)
{
	static const char disarm[] =
		LOGTAP_DISARM_FOLDER "/" LOGTAP_DISARM_NAME;
	const char *disabled =
		logtap_variables_get(variables, "LOGTAP_DISABLED");
	struct rlimit limit;
	bool good = true;

	if (disabled && *disabled && strcmp(disabled, "0")) {
		row("problem", "LOGTAP_DISABLED is set");
		good = false;
	}
	if (logtap_disarm_is_for(AT_FDCWD, disarm, geteuid())) {
		logtap_doctor_row("problem", "there is %s", disarm);
		good = false;
	}
	if (!getrlimit(RLIMIT_FSIZE, &limit) &&
	    limit.rlim_cur < SEGMENT_BYTES_LEAST) {
		row("problem", "the file size limit (ulimit -f) is too low for "
			       "shared memory");
		good = false;
	}
	return !good;
}

/* Of sessions that were killed. */
static void print_remains(void)
{
	struct logtap_remains remains;
	logtap_remains_look(NULL, time(NULL), &remains);
	if (remains.kept)
		logtap_doctor_row("left over",
				  "%s: records that were not delivered; "
				  "deliver them with: logtap collect --once "
				  "--dir %s -o FILE",
				  remains.kept_names,
				  remains.kept > 1 ? "DIR" : remains.path);
}

/* Return: whether what every capture needs is there. */
static bool examine_machine(void)
{
	static char path[PATH_MAX], why[2 * PATH_MAX];
	bool good = true;

	if (logtap_library_find(path, sizeof(path), why, sizeof(why))) {
		row("problem", why);
		good = false;
	} else {
		row("library", path);
		if (logtap_library_widen(path, sizeof(path)))
			row("for musl", path);
	}
	if (logtap_directory_new(path, sizeof(path), why, sizeof(why))) {
		row("problem", why);
		good = false;
	} else {
		logtap_directory_remove(path);
		*strrchr(path, '/') = '\0';
		row("memory", path);
	}
	print_remains();
	return good;
}

static void print_outlook(enum outlook outlook,
			  const struct logtap_variables *variables)
{
	bool out = logtap_channels_have_out(variables);

	switch (outlook) {
	case PRELOADED:
		logtap_doctor_row("captured",
				  "standard error%s and syslog, of it and of "
				  "what it starts",
				  out ? ", standard output" : "");
		logtap_doctor_row("on request", "%slog files (--file)",
				  out ? "" : "standard output (--stdout), ");
		row("never seen", "system calls made without libc, libc's last "
				  "words before it aborts");
		row("verdict", "can be captured");
		break;
	case PIPED:
		logtap_doctor_row("captured",
				  "standard error%s, of it and of what it "
				  "starts, through pipes",
				  out ? " and output" : "");
		logtap_doctor_row("on request", "%ssyslog (--deep%s)",
				  out ? "" : "standard output (--stdout), ",
				  geteuid() ? ", by root" : "");
		row("verdict", "its output can be captured");
		break;
	case CHILDREN:
		row("captured", "nothing of it; what it starts is");
		row("verdict", "cannot be captured itself");
		break;
	case NOTHING:
		row("captured", "nothing");
		row("verdict", "cannot be captured itself");
		break;
	}
}

static int examine(const struct logtap_target *target, char **command,
		   const struct logtap_variables *variables)
{
	enum outlook outlook = examine_target(target, command, variables);
	bool blocked = examine_environment(variables);
	bool able = examine_machine();

	if (blocked || !able) {
		row("captured", "nothing");
		row("verdict", "nothing can be captured here");
		return LOGTAP_EXIT_BAD;
	}
	print_outlook(outlook, variables);
	return outlook >= PIPED ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_BAD;
}

int logtap_doctor_program(char **command)
{
	static struct logtap_target target;
	static char library[PATH_MAX], why[2 * PATH_MAX];
	struct logtap_variables variables;
	int error = logtap_target_look(command[0], &target);

	if (error) {
		logtap_error_print("doctor", command[0], strerror(error), NULL);
		return LOGTAP_EXIT_BAD;
	}
	if (!logtap_library_find(library, sizeof(library), why, sizeof(why)) &&
	    logtap_library_widen(library, sizeof(library)))
		logtap_target_allow_musl(&target);
	if (logtap_variables_init(&variables, environ)) {
		logtap_error_print("doctor", NULL, "out of memory", NULL);
		return LOGTAP_EXIT_BAD;
	}
	/* As `logtap run' would say it. */
	logtap_variables_check(&variables);
	int status = examine(&target, command, &variables);
	logtap_variables_deinit(&variables);
	return status;
}
