/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap doctor: can a program be captured, and how?  Main thread. */
#include "doctor.h"
#include "command.h"

#include "../base/error.h"
#include "../base/options.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct logtap_usage usage = {
	.command = "doctor",
	.operands = "CMD [ARG]...|PID",
	.about = "Looks at the program that CMD stands for, and at this\n"
		 "machine, and tells what `logtap run' would capture of what\n"
		 "CMD says, and what not.  Or looks at the process PID, and\n"
		 "tells whether it is captured, by what means, and what was\n"
		 "lost.  Starts and changes nothing.  Exit status: 0 it would\n"
		 "be, or is captured; 1 not.",
};

enum { LABEL_COLUMN = 12 };

void logtap_doctor_row(const char *label, const char *format, ...)
{
	va_list arguments;
	printf("%-*s", LABEL_COLUMN, label);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

int logtap_cmd_doctor(int argc, char **argv)
{
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
	return logtap_doctor_program(argv + first);
}
