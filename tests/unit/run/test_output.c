/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The file that records go to when nobody named one. */
#include "../../../collector/run/output.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[PATH_MAX];
static bool elsewhere;

static const char *choose(const char *command)
{
	cr_assert_eq(logtap_output_default(command, 4711, path, sizeof(path),
					   &elsewhere),
		     0);
	return path;
}

static void touch(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");
	fputs(text, file);
	fclose(file);
}

TestSuite(output, .init = folder_begin, .fini = folder_end);

Test(output, the_name_tells_program_and_process)
{
	cr_assert_str_eq(choose("/usr/sbin/nginx"),
			 "logtap-nginx-4711.otlp.jsonl");
	cr_assert_str_eq(choose("a b/c d;$\n\xc3"),
			 "logtap-c_d____-4711.otlp.jsonl");
	cr_assert_not(elsewhere);
}

Test(output, what_exists_is_never_chosen)
{
	touch("logtap-a-4711.otlp.jsonl", "");
	cr_assert_str_eq(choose("a"), "logtap-a-4711.otlp.jsonl.1");
	/* Not even as the name of a link that leads nowhere. */
	cr_assert_eq(symlink("nowhere", "logtap-a-4711.otlp.jsonl.1"), 0);
	cr_assert_str_eq(choose("a"), "logtap-a-4711.otlp.jsonl.2");
}

Test(output, a_name_without_end_is_cut)
{
	char name[4096];
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	cr_assert_lt(strlen(choose(name)), 128);
}

Test(output, only_an_empty_file_is_dropped)
{
	touch("empty", "");
	touch("full", "x");
	logtap_output_drop_empty("empty", false);
	logtap_output_drop_empty("full", false);
	logtap_output_drop_empty("none", false);
	cr_assert_neq(access("empty", F_OK), 0);
	cr_assert_eq(access("full", F_OK), 0);
}

Test(output, its_own_directory_is_dropped_with_the_file)
{
	cr_assert_eq(mkdir("made", 0700), 0);
	touch("made/empty", "");
	logtap_output_drop_empty("made/empty", true);
	cr_assert_neq(access("made", F_OK), 0);
}
