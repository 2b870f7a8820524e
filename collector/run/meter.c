/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The meter on standard error: see the header.  Main thread. */
#include "meter.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void logtap_meter_start(struct logtap_meter *meter, bool out)
{
	struct stat error, output;
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	off_t position = lseek(STDERR_FILENO, 0, SEEK_CUR);

	*meter = (struct logtap_meter){0};
	if (flags < 0 || position < 0 || fstat(STDERR_FILENO, &error) ||
	    !S_ISREG(error.st_mode))
		return;
	/* What goes to standard output would count, too. */
	if (!out && !fstat(STDOUT_FILENO, &output) &&
	    output.st_dev == error.st_dev && output.st_ino == error.st_ino)
		return;
	meter->works = true;
	/* Appending moves the position to the end first. */
	meter->start = (uint64_t)(flags & O_APPEND ? error.st_size : position);
}

void logtap_meter_stop(struct logtap_meter *meter)
{
	struct stat file;
	off_t position = lseek(STDERR_FILENO, 0, SEEK_CUR);

	if (position < 0 || fstat(STDERR_FILENO, &file))
		return;
	if (meter->works && (uint64_t)position >= meter->start) {
		meter->known = true;
		meter->bytes = (uint64_t)position - meter->start;
	}
	if (S_ISREG(file.st_mode) && position != file.st_size)
		lseek(STDERR_FILENO, 0, SEEK_END);
}
