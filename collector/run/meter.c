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

bool logtap_meter_read(const struct logtap_meter *meter, uint64_t *bytes)
{
	off_t position = lseek(STDERR_FILENO, 0, SEEK_CUR);

	if (!meter->works || position < 0 || (uint64_t)position < meter->start)
		return false;
	*bytes = (uint64_t)position - meter->start;
	return true;
}
