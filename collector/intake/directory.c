/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A directory that somebody removes.  Runs in the reader's thread. */
#include "../base/log.h"
#include "intake.h"

#include <sys/stat.h>

/* What is open stays open; nothing can be made there any more. */
void logtap_directory_look(struct logtap_intake *intake)
{
	struct stat status;
	if (intake->directory_gone || fstat(intake->dir_fd, &status) ||
	    status.st_nlink)
		return;
	intake->directory_gone = true;
	logtap_log(LOGTAP_LOG_ERROR, "collect",
		   "the directory was removed: programs that start now are not "
		   "captured, those that run are; start this collector again "
		   "dir=%s",
		   logtap_journal_directory(intake->journal));
}
