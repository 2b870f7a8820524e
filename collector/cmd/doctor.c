/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap doctor: can a program be captured, and how?  Main thread. */
#include "command.h"

#include "../base/error.h"
#include "../base/options.h"
#include "../run/directory.h"
#include "../run/library.h"
#include "../run/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct logtap_usage usage = {
	.command = "doctor",
	.operands = "CMD",
	.about = "Looks at the program that CMD stands for, and at this\n"
		 "machine, and tells whether `logtap run' would capture what\n"
		 "CMD says.  Starts nothing.  Exit status: 0 it would, 1 not.",
};

enum { LABEL_COLUMN = 12 };

static void row(const char *label, const char *text)
{
	printf("%-*s%s\n", LABEL_COLUMN, label, text);
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

/* Return: whether the program itself can be captured. */
static bool examine_target(const struct logtap_target *target)
{
	char text[3 * PATH_MAX];

	row("program", target->path);
	if (target->script)
		row("interpreter", target->image);
	print_kind(target);
	if (!target->fault)
		return true;
	logtap_target_explain(target, logtap_target_needs_pipe(target), text,
			      sizeof(text));
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
	error = logtap_target_look(argv[first], &target);
	if (error) {
		logtap_error_print("doctor", argv[first], strerror(error),
				   NULL);
		return LOGTAP_EXIT_BAD;
	}
	bool fine = examine_target(&target);
	bool able = examine_machine();
	row("verdict", fine && able ? "can be captured"
		       : able	    ? "cannot be captured itself"
				    : "nothing can be captured here");
	return fine && able ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_BAD;
}
