/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The file of thresholds in a collector's directory: what it may be, what it says
 * and when it no longer counts. */
#include "../../../collector/base/log.h"
#include "../../../collector/intake/hosts.h"
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct directory directory;
static struct logtap_intake intake;
static struct logtap_intake_segment segment;
static struct logtap_control control;
static const struct logtap_levels given = {.general = 21};

static void begin(void)
{
	logtap_log_set_level(LOGTAP_LOG_NONE);
	directory_init(&directory);
	intake.dir_fd = directory.fd;
	segment.file.control = &control;
}

static void end(void)
{
	unlinkat(directory.fd, LOGTAP_LEVEL_NAME, 0);
	directory_deinit(&directory);
}

TestSuite(level_file, .init = begin, .fini = end);

/* A new file in place of the one that is there, as logtap level does it. */
static void put(const char *text)
{
	int fd =
		openat(directory.fd, "new", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	cr_assert_eq(renameat(directory.fd, "new", directory.fd,
			      LOGTAP_LEVEL_NAME),
		     0);
}

/* The general threshold in force; -1: none is set. */
static int look(void)
{
	logtap_level_look(&intake);
	return intake.levels_set ? (int)intake.levels.general : -1;
}

Test(level_file, without_one_what_was_given_counts)
{
	cr_assert_eq(look(), -1);
	cr_assert_eq(intake.levels_version, 1);
	cr_assert_eq(look(), -1);
	cr_assert_eq(intake.levels_version, 1, "nothing has changed");
}

Test(level_file, a_file_wins_until_it_is_gone)
{
	intake.given_levels = &given;
	cr_assert_eq(look(), 21);
	put("warn,h2=off\nignored\n");
	cr_assert_eq(look(), 13);
	cr_assert_eq(intake.levels.count, 1);
	uint32_t version = intake.levels_version;
	cr_assert_eq(look(), 13);
	cr_assert_eq(intake.levels_version, version, "it is read once");
	put("info\n");
	cr_assert_eq(look(), 9);
	cr_assert_eq(unlinkat(directory.fd, LOGTAP_LEVEL_NAME, 0), 0);
	cr_assert_eq(look(), 21);
}

Test(level_file, one_that_makes_no_sense_changes_nothing)
{
	put("warn\n");
	cr_assert_eq(look(), 13);
	uint32_t version = intake.levels_version;
	put("h2=loud\n");
	cr_assert_eq(look(), 13);
	cr_assert_eq(intake.levels_version, version);
	put("error\n");
	cr_assert_eq(look(), 17);
}

Test(level_file, only_a_plain_file_of_ours_is_read)
{
	put("warn\n");
	cr_assert_eq(renameat(directory.fd, LOGTAP_LEVEL_NAME, directory.fd,
			      "elsewhere"),
		     0);
	cr_assert_eq(symlinkat("elsewhere", directory.fd, LOGTAP_LEVEL_NAME),
		     0);
	cr_assert_eq(look(), -1, "a link");
	unlinkat(directory.fd, LOGTAP_LEVEL_NAME, 0);
	unlinkat(directory.fd, "elsewhere", 0);
	cr_assert_eq(mkfifoat(directory.fd, LOGTAP_LEVEL_NAME, 0644), 0);
	cr_assert_eq(look(), -1, "a FIFO, without waiting for its writer");
	if (geteuid())
		return; /* only root may give a file away */
	unlinkat(directory.fd, LOGTAP_LEVEL_NAME, 0);
	put("warn\n");
	intake.level_file.there = false;
	cr_assert_eq(look(), 13);
	cr_assert_eq(fchownat(directory.fd, LOGTAP_LEVEL_NAME, 1234, -1, 0), 0);
	cr_assert_eq(look(), -1, "somebody else's");
}

Test(level_file, a_segment_is_told_once_a_change)
{
	look();
	logtap_level_tell(&intake, &segment);
	cr_assert_eq(segment.levels_version, intake.levels_version);
	put("warn\n");
	look();
	struct logtap_control before = control;
	logtap_level_tell(&intake, &segment);
	cr_assert_neq(memcmp(&control, &before, sizeof(control)), 0);
	before = control;
	logtap_level_tell(&intake, &segment);
	cr_assert_eq(memcmp(&control, &before, sizeof(control)), 0);
}
