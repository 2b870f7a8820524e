/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file destination: OTLP/JSON, one LogsData object a line.  Opening runs in
 * the caller's thread, encoding in the exporter's.
 */
#include "../base/error.h"
#include "encode.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* How every line that we write begins. */
static const char LINE_START[] = "{\"resourceLogs\":[";

static int encode(const struct logtap_batch *batch, struct logtap_bytes *out)
{
	size_t before = out->size;
	int error = logtap_encode_logs_json(batch, out);

	if (!error)
		error = logtap_bytes_append(out, "\n", 1);
	if (error)
		out->size = before;
	return error;
}

/* Where the last line begins that has no line feed; @size if there is none. */
static off_t torn_line(int fd, off_t size)
{
	char block[4096];

	while (size > 0) {
		size_t bytes = size < (off_t)sizeof(block) ? (size_t)size
							   : sizeof(block);
		off_t at = size - (off_t)bytes;
		ssize_t got = pread(fd, block, bytes, at);
		if (got != (ssize_t)bytes)
			return got < 0 ? -errno : -EIO;
		const char *feed = memrchr(block, '\n', bytes);
		if (feed)
			return at + (feed - block) + 1;
		size = at;
	}
	return 0;
}

/* Removes what an earlier run left of a line when it was killed.  A file that
 * is not ours is not touched. */
static int remove_torn_line(int fd, const char **why)
{
	char start[sizeof(LINE_START) - 1];
	struct stat file;

	if (fstat(fd, &file))
		return -errno;
	off_t keep = torn_line(fd, file.st_size);
	if (keep < 0)
		return (int)keep;
	if (keep == file.st_size)
		return 0;
	size_t bytes = (size_t)(file.st_size - keep);
	if (bytes > sizeof(start))
		bytes = sizeof(start);
	if (pread(fd, start, bytes, keep) != (ssize_t)bytes)
		return -EIO;
	if (memcmp(start, LINE_START, bytes)) {
		*why = "its last line is not one of OTLP/JSON";
		return -EINVAL;
	}
	return ftruncate(fd, keep) ? -errno : 0;
}

/* Only regular files are locked, cut or refused. */
static int take_regular(int fd, const struct logtap_file_options *options,
			const char **why)
{
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		*why = "another process is writing to it";
		return -EBUSY;
	}
	if (options->append)
		return remove_torn_line(fd, why);
	return ftruncate(fd, 0) ? -errno : 0;
}

/* Return: a descriptor or a negative errno value with, perhaps, @why. */
static int open_file(const struct logtap_file_options *options, bool *regular,
		     const char **why)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY;
	struct stat file;
	int fd = -1;

	if (!options->overwrite && !options->append)
		fd = open(options->path, flags | O_CREAT | O_EXCL, 0666);
	else
		fd = open(options->path, flags | O_CREAT, 0666);
	if (fd < 0 && errno == EEXIST && !stat(options->path, &file) &&
	    S_ISREG(file.st_mode)) {
		*why = "it exists";
		return -EEXIST;
	}
	/* a device, a pipe: nothing there is lost by writing */
	if (fd < 0 && (errno == EEXIST || errno == EACCES || errno == ENXIO))
		fd = open(options->path,
			  O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	int error = fstat(fd, &file) ? -errno : 0;
	*regular = !error && S_ISREG(file.st_mode);
	if (*regular)
		error = take_regular(fd, options, why);
	if (error) {
		close(fd);
		return error;
	}
	return fd;
}

/* What cannot be cut: so that the next line is one. */
static void end_torn_line(const struct logtap_file_options *options, int fd,
			  bool regular)
{
	if (options->resume && !regular && write(fd, "\n", 1) < 0)
		return; /* the first batch says why */
}

int logtap_file_exporter_new(const struct logtap_file_options *options,
			     struct logtap_exporter **out, char *error,
			     size_t error_bytes)
{
	struct logtap_output_options output = {
		.kind = "file",
		.name = options->path,
		.encode = encode,
	};
	const char *why = NULL;
	int result = 0;

	if (!strcmp(options->path, "-")) {
		output.name = "standard output";
		output.fd = STDOUT_FILENO;
		end_torn_line(options, output.fd, false);
	} else {
		output.fd = open_file(options, &output.undo, &why);
		output.close_fd = true;
		if (output.fd < 0)
			result = output.fd;
		else
			end_torn_line(options, output.fd, output.undo);
	}
	if (!result)
		result = logtap_output_new(&output, out);
	if (!result)
		return 0;
	if (output.close_fd && output.fd >= 0)
		close(output.fd);
	logtap_error_format(error, error_bytes, "cannot open the output file",
			    options->path, why ? why : strerror(-result),
			    result == -EEXIST
				    ? "choose another, or overwrite it with -f"
				    : NULL);
	return result;
}
