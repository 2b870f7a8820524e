/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What the environment of the next program becomes, and what is looked at for
 * that. */
#include "../../../shim/hook/exec.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "../run/folder.h"

#define DIRECTORY "LOGTAP_DIR=/dev/shm/x"

static char preload[PATH_MAX];
static int watch;
static struct logtap_exec_file file = {AT_FDCWD, "program", false};

static void put(const char *name, const char *text)
{
	FILE *to = fopen(name, "w");
	fputs(text, to);
	fclose(to);
}

static void begin(void)
{
	folder_begin();
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s/liblogtap.so", folder);
	put("liblogtap.so", "");
	put("program", "#!/bin/sh\n");
	watch = inotify_init1(IN_NONBLOCK);
	cr_assert_geq(inotify_add_watch(watch, "program", IN_OPEN), 0);
}

static void end(void)
{
	close(watch);
	folder_end();
}

TestSuite(exec_change, .init = begin, .fini = end);

static void init(bool follow)
{
	logtap_exec_init((char *[]){preload, (char *)DIRECTORY, NULL}, follow);
}

static bool was_looked_at(void)
{
	char event[4096];
	return read(watch, event, sizeof event) > 0;
}

static enum logtap_exec_change change(const char *first, const char *second)
{
	char *const envp[] = {(char *)"A=b", (char *)first, (char *)second,
			      NULL};
	return logtap_exec_change(&file, envp);
}

Test(exec_change, what_names_the_library_is_looked_at)
{
	init(false);
	cr_assert_eq(change(preload, DIRECTORY), LOGTAP_EXEC_KEEP);
	cr_assert(was_looked_at());
	init(true);
	cr_assert_eq(change(preload, DIRECTORY), LOGTAP_EXEC_KEEP);
	cr_assert(was_looked_at());
	unlink("liblogtap.so");
	cr_assert_eq(change(preload, DIRECTORY), LOGTAP_EXEC_REMOVE);
}

Test(exec_change, what_it_is_put_into_is_looked_at)
{
	init(true);
	cr_assert_eq(change(NULL, NULL), LOGTAP_EXEC_COMPLETE);
	cr_assert(was_looked_at());
	cr_assert_eq(change(preload, NULL), LOGTAP_EXEC_COMPLETE);
	cr_assert(was_looked_at());
	cr_assert_eq(logtap_exec_change(&file, NULL), LOGTAP_EXEC_COMPLETE);
	cr_assert(was_looked_at());
	unlink("liblogtap.so");
	cr_assert_eq(change(NULL, NULL), LOGTAP_EXEC_KEEP);
}

Test(exec_change, what_has_nothing_to_do_with_it_is_not)
{
	init(false);
	cr_assert_eq(change(NULL, NULL), LOGTAP_EXEC_KEEP);
	cr_assert_eq(change(DIRECTORY, "LD_PRELOAD=/other.so"),
		     LOGTAP_EXEC_KEEP);
	cr_assert_eq(logtap_exec_change(&file, NULL), LOGTAP_EXEC_KEEP);
	/* Another one of our kind. */
	init(true);
	cr_assert_eq(change("LD_PRELOAD=/other/liblogtap.so", DIRECTORY),
		     LOGTAP_EXEC_KEEP);
	cr_assert_not(was_looked_at());
}

/* The environment that @envp becomes in as much room as it is said to take. */
static char *const *changed(char *const *envp, enum logtap_exec_change how)
{
	static char *variables[64];
	static char list[3 * PATH_MAX];
	struct logtap_exec_environment room = logtap_exec_room(envp, how);

	cr_assert_leq(room.count, sizeof variables / sizeof *variables);
	cr_assert_leq(room.bytes, sizeof list);
	room.variables = variables;
	room.preload = list;
	char *const *made = logtap_exec_changed(&room, envp, how);
	cr_assert_eq(made, variables, "it does not fit");
	return made;
}

Test(exec_change, an_environment_fits_into_the_room_it_is_said_to_take)
{
	char others[] = "LD_PRELOAD=/other.so:/third.so", list[3 * PATH_MAX];
	char *const envp[] = {(char *)"A=b", others, NULL};

	init(true);
	char *const *made = changed(envp, LOGTAP_EXEC_COMPLETE);
	snprintf(list, sizeof list, "%s:%s/liblogtap.so", others, folder);
	cr_assert_str_eq(made[0], "A=b");
	cr_assert_str_eq(made[1], DIRECTORY);
	cr_assert_str_eq(made[2], list);
	made = changed(NULL, LOGTAP_EXEC_COMPLETE);
	cr_assert_str_eq(made[0], DIRECTORY);
	cr_assert_str_eq(made[1], preload);
	snprintf(list, sizeof list, "%s:/other.so", preload);
	made = changed((char *const[]){(char *)"A=b", list, NULL},
		       LOGTAP_EXEC_REMOVE);
	cr_assert_str_eq(made[0], "A=b");
	cr_assert_str_eq(made[1], "LD_PRELOAD=/other.so");
}

Test(exec_change, values_are_found)
{
	char *const envp[] = {(char *)"PATHS=1", (char *)"PATH=2",
			      (char *)"PATH=3", NULL};
	cr_assert_str_eq(logtap_exec_value(envp, "PATH="), "2");
	cr_assert_null(logtap_exec_value(envp, "PAT="));
	cr_assert_null(logtap_exec_value(NULL, "PATH="));
}
