/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor table: see the header.  Changes run in the thread that made
 * the system call, outside the guard; in a vfork child they are not made,
 * because the table is the parent's. */
#include "table.h"

#include "../arch/syscall.h"
#include "../bytes.h"
#include "../feedback/sending.h"
#include "../hook/fork.h"
#include "../segment/create.h"
#include "../segment/procfs.h"

#include "open.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PATH_BYTES 512
#define NULL_DEVICE makedev(1, 3)

LOGTAP_BSS("1fds") unsigned char logtap_fds[LOGTAP_FDS];

/* Of logtap_fd_reopened(), -1 for none.  One for all threads: a program that
 * gets another one in between loses the records of that descriptor. */
static int reopened = -1;

static void put(int fd, unsigned value)
{
	if ((unsigned)fd < LOGTAP_FDS)
		__atomic_store_n(&logtap_fds[fd], (unsigned char)value,
				 __ATOMIC_RELAXED);
	else if (value && value < LOGTAP_FD_MAYBE)
		logtap_segment_diagnose(
			fd, "a copy of stderr has a descriptor above 4095: not "
			    "captured");
}

static bool is_reopened(int fd)
{
	return fd == __atomic_load_n(&reopened, __ATOMIC_RELAXED);
}

static void set_reopened(int fd)
{
	__atomic_store_n(&reopened, fd, __ATOMIC_RELAXED);
}

/* @fd is another file now than what it was. */
static void begin(int fd, unsigned value)
{
	if (is_reopened(fd))
		set_reopened(-1);
	put(fd, value);
}

/* Diverted writes do not meet the kernel's refusal. */
static bool is_refused(int fd)
{
	long flags;

	if (logtap_state.config.mode != LOGTAP_MODE_DIVERT || logtap_filtered())
		return false;
	flags = logtap_sys2(SYS_fcntl, fd, F_GETFL);
	return flags >= 0 && (flags & O_ACCMODE) == O_RDONLY;
}

static bool look(int fd, struct stat *status)
{
	return logtap_sys2(SYS_fstat, fd, (long)status) == 0;
}

/* The sink of @fd; @path is filled only when it is a new one. */
static unsigned sink_of(int fd, enum logtap_sink_kind kind,
			const struct stat *status, uint32_t flags, char *path)
{
	struct logtap_sink_description sink = {
		.kind = kind,
		.device = status->st_dev,
		.inode = status->st_ino,
		.file_type = status->st_mode & S_IFMT,
		.flags = flags,
	};
	uint8_t index = logtap_segment_sink_find(&sink);

	*path = '\0';
	if (index == LOGTAP_SINK_INDEX_UNKNOWN) {
		if (S_ISCHR(status->st_mode) &&
		    status->st_rdev == NULL_DEVICE) {
			sink.flags |= LOGTAP_SINK_NULL;
			logtap_bytes_string(path, PATH_BYTES, "/dev/null");
		} else if (!S_ISFIFO(status->st_mode) &&
			   !S_ISSOCK(status->st_mode) && !logtap_filtered()) {
			/* Pipes and sockets are named by their inode. */
			logtap_procfs_descriptor(fd, path, PATH_BYTES);
		}
		sink.path = path;
		index = logtap_segment_sink(&sink);
	}
	return logtap_fd_value(index);
}

/* Standard output that the collector would leave out, however much it is: bulk
 * data would fill the rings with it. */
static bool is_nothing(const struct stat *status)
{
	const struct logtap_config *config = &logtap_state.config;
	const struct logtap_file_id *session = config->session;

	return config->hides && S_ISCHR(status->st_mode) &&
	       status->st_rdev == NULL_DEVICE &&
	       !logtap_file_is(&session[0], status->st_dev, status->st_ino) &&
	       !logtap_file_is(&session[1], status->st_dev, status->st_ino);
}

/* What @fd, 1 or 2, is from now on.  @was_ours: it was one until now; a socket
 * where something else was is more likely a peer's protocol. */
static unsigned identify(int fd, bool was_ours)
{
	char path[PATH_BYTES];
	struct stat status;

	if (!look(fd, &status) || (S_ISSOCK(status.st_mode) && !was_ours) ||
	    is_refused(fd) || (fd == STDOUT_FILENO && is_nothing(&status)))
		return 0;
	return sink_of(fd,
		       fd == STDERR_FILENO ? LOGTAP_SINK_STDERR
					   : LOGTAP_SINK_STDOUT,
		       &status, 0, path);
}

/* Who reads a pipe is told by what it found as its standard input. */
static void remember_input(void)
{
	struct logtap_file_id *input = &logtap_state.identity.input;
	struct stat status;

	if (!look(STDIN_FILENO, &status) ||
	    (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode)))
		return;
	input->device = status.st_dev;
	input->inode = status.st_ino;
}

/* What stdout was found to be: the session's stderr (cmd >&2), if that is told
 * from its stdout; else stdout if that is wanted, or nothing. */
static unsigned find_stdout(void)
{
	struct logtap_file_id *output = &logtap_state.identity.output;
	const struct logtap_config *config = &logtap_state.config;
	const struct logtap_file_id *session = config->session;
	char path[PATH_BYTES];
	struct stat status;
	bool apart = session[0].inode &&
		     !logtap_file_is(&session[1], session[0].device,
				     session[0].inode);

	if (!look(STDOUT_FILENO, &status))
		return 0;
	output->device = status.st_dev;
	output->inode = status.st_ino;
	if ((!config->out && !apart) || is_refused(STDOUT_FILENO))
		return 0;
	if (apart && logtap_file_is(&session[0], status.st_dev, status.st_ino))
		return sink_of(STDOUT_FILENO, LOGTAP_SINK_STDERR, &status,
			       LOGTAP_SINK_FOUND, path);
	if (!config->out || is_nothing(&status))
		return 0;
	return sink_of(STDOUT_FILENO, LOGTAP_SINK_STDOUT, &status,
		       LOGTAP_SINK_FOUND, path);
}

void logtap_fd_init(void)
{
	struct logtap_sink_description none = {.kind = LOGTAP_SINK_STDERR,
					       .path = ""};
	char path[PATH_BYTES] = "";
	struct stat status;
	bool open;

	/* Written before it is read: a page of zeros that is read first is
	 * faulted in twice. */
	put(STDERR_FILENO, 0);
	remember_input();
	open = look(STDERR_FILENO, &status);
	if (open && S_ISREG(status.st_mode))
		logtap_state.identity.error_bytes = (uint64_t)status.st_size;
	if (open && !is_refused(STDERR_FILENO))
		put(STDERR_FILENO, sink_of(STDERR_FILENO, LOGTAP_SINK_STDERR,
					   &status, LOGTAP_SINK_FOUND, path));
	else /* closed: keep index 0 for it, so that syslog is 1 */
		logtap_segment_sink(&none);
	none.kind = LOGTAP_SINK_SYSLOG;
	logtap_segment_sink(&none);
	put(STDOUT_FILENO, find_stdout());
	logtap_open_remember(path);
	logtap_open_inherited();
}

/* May a descriptor of sink @value become fd @to as it is?  stderr onto 1 stays
 * stderr; but stdout or a log file onto 2 makes a new stderr of it. */
static bool keeps_its_sink(int to, unsigned value)
{
	enum logtap_sink_kind kind;

	if (!value)
		return false;
	if (!logtap_fd_is_standard(to))
		return true;
	kind = logtap_segment_sink_kind((uint8_t)(value - 1));
	return kind == LOGTAP_SINK_STDERR ||
	       (to == STDOUT_FILENO && kind == LOGTAP_SINK_STDOUT);
}

void logtap_fd_duplicated(int from, int to)
{
	unsigned value = logtap_fd(from);
	bool again = is_reopened(from);

	if (from == to ||
	    (!logtap_fd_is_standard(to) && value == logtap_fd(to)))
		return;
	if (logtap_fork_is_borrowed())
		return;
	if (again && !logtap_fd_is_standard(to)) {
		set_reopened(-1);
		put(from, 0);
	}
	if (again)
		value = 0;
	if (logtap_fd_is_standard(to) && !keeps_its_sink(to, value))
		value = identify(to, logtap_fd_log(to) != 0);
	if (again && !logtap_fd(from) && value == logtap_fd(to))
		put(from, value);
	if (logtap_fd_is_export(to))
		logtap_sending_closing(to);
	begin(to, value);
}

void logtap_fd_renewed(int fd, const char *path)
{
	if (logtap_fork_is_borrowed())
		return;
	if (fd == STDERR_FILENO)
		logtap_open_remember(path);
	put(fd, identify(fd, true));
}

void logtap_fd_opened(int fd, uint8_t sink)
{
	if (logtap_fd(fd) != sink + 1u && !logtap_fork_is_borrowed())
		begin(fd, sink + 1u);
}

void logtap_fd_reopened(int fd)
{
	if (!logtap_fork_is_borrowed())
		set_reopened(fd);
}

void logtap_fd_marked(int fd, unsigned value)
{
	if (logtap_fd(fd) != value && !logtap_fork_is_borrowed())
		begin(fd, value);
}

static void end(int fd)
{
	if (logtap_fd_is_export(fd))
		logtap_sending_closing(fd);
	put(fd, 0);
}

void logtap_fd_closing(int fd)
{
	if (!logtap_fork_is_borrowed())
		end(fd);
}

bool logtap_fd_any(unsigned first, unsigned last)
{
	if (last >= LOGTAP_FDS)
		last = LOGTAP_FDS - 1;
	for (unsigned fd = first; fd <= last; fd++)
		if (logtap_fds[fd])
			return true;
	return false;
}

void logtap_fd_closing_range(unsigned first, unsigned last)
{
	if (logtap_fork_is_borrowed())
		return;
	if (last >= LOGTAP_FDS)
		last = LOGTAP_FDS - 1;
	for (unsigned fd = first; fd <= last; fd++)
		end((int)fd);
}
