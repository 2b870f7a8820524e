/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap doctor: can a program be captured, and how?  Main thread. */
#include "doctor.h"
#include "command.h"

#include "../../shim/admit.h"
#include "../base/error.h"
#include "../base/options.h"
#include "../run/directory.h"
#include "../run/library.h"
#include "../run/target.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct logtap_usage usage = {
	.command = "doctor",
	.operands = "CMD|PID",
	.about =
		"Looks at the program that CMD stands for, and at this\n"
		"machine, and tells whether `logtap run' would capture what\n"
		"CMD says.  Or looks at the process PID, and tells whether it\n"
		"is captured, by what means, and what was lost.  Starts and\n"
		"changes nothing.  Exit status: 0 it would be, or is "
		"captured;\n"
		"1 not.",
};

enum { LABEL_COLUMN = 12 };

static void row(const char *label, const char *text)
{
	logtap_doctor_row(label, "%s", text);
}

void logtap_doctor_row(const char *label, const char *format, ...)
{
	va_list arguments;
	printf("%-*s", LABEL_COLUMN, label);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void print_kind(const struct logtap_target *target)
{
	char scratch[32], text[PATH_MAX];
	const struct logtap_elf *elf = &target->elf;

	if (!target->known) {
		row("kind", "not an ELF file that can be read");
		return;
	}
	snprintf(text, sizeof(text), "%u-bit ELF for %s", elf->bits,
		 logtap_elf_machine_name(elf->machine, scratch));
	row("kind", text);
	if (!elf->native)
		return;
	row("loader",
	    *elf->interpreter ? elf->interpreter : "none: statically linked");
	if (*elf->asan) {
		snprintf(text, sizeof(text),
			 "%s, which will be loaded before liblogtap.so",
			 elf->asan);
		row("sanitizer", text);
	}
}

/* Do the environment and the built-in list let it be captured? */
static bool admits(const struct logtap_target *target)
{
	const char *reason = NULL, *only = getenv("LOGTAP_ONLY"),
		   *exclude = getenv("LOGTAP_EXCLUDE");
	struct logtap_admit program = {
		.only = only && *only ? only : NULL,
		.exclude = exclude && *exclude ? exclude : NULL,
		.file = target->image,
		.executed = target->path,
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

/* Return: whether the program itself can be captured. */
static bool examine_target(const struct logtap_target *target)
{
	char text[3 * PATH_MAX];

	row("program", target->path);
	if (!admits(target))
		return false;
	if (target->script)
		row("interpreter", target->image);
	print_kind(target);
	if (!target->fault)
		return true;
	logtap_target_explain(target,
			      logtap_target_needs_pipe(target)
				      ? LOGTAP_PIPED_ERROR
				      : LOGTAP_PIPED_NOT,
			      text, sizeof(text));
	row("problem", text);
	return false;
}

/* Return: whether what every capture needs is there. */
static bool examine_machine(void)
{
	char path[PATH_MAX], why[2 * PATH_MAX];
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
	return good;
}

int logtap_cmd_doctor(int argc, char **argv)
{
	static struct logtap_target target;
	int first;
	int error = logtap_options_parse(&usage, argc, argv, NULL, &first);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (first == argc) {
		logtap_error_print("doctor", NULL, "no CMD given",
				   logtap_options_hint(&usage));
		return LOGTAP_EXIT_USAGE;
	}
	char *end;
	long pid = strtol(argv[first], &end, 10);
	if (pid > 0 && pid <= INT_MAX && !*end && first + 1 == argc)
		return logtap_doctor_process((pid_t)pid);
	error = logtap_target_look(argv[first], &target);
	if (error) {
		logtap_error_print("doctor", argv[first], strerror(error),
				   NULL);
		return LOGTAP_EXIT_BAD;
	}
	char library[PATH_MAX], why[2 * PATH_MAX];
	if (!logtap_library_find(library, sizeof(library), why, sizeof(why)) &&
	    logtap_library_widen(library, sizeof(library)))
		logtap_target_allow_musl(&target);
	bool fine = examine_target(&target);
	bool able = examine_machine();
	row("verdict", fine && able ? "can be captured"
		       : able	    ? "cannot be captured itself"
				    : "nothing can be captured here");
	return fine && able ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_BAD;
}
