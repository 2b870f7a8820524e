/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* For which machine is the next program?  See the header.  Safe in a vfork child
 * and in a signal handler; the calls are those that opening a file takes. */
#include "../arch/signals.h"
#include "../arch/syscall.h"
#include "../bytes.h"
#include "../segment/create.h"
#include "../state.h"
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#define SCRIPTS_MOST 5	/* as far as the kernel follows them */
#define HEAD_BYTES 256	/* as much as it reads of each */
#define PATH_BYTES 1024 /* a longer one is not looked at */

extern char **environ;

/* The header of our own file: its machine is the one that we are for. */
extern const ElfW(Ehdr) __ehdr_start LOGTAP_HIDDEN;

/* @path NULL: from what is open at @directory.  Return: its size, or -errno. */
static long read_head(int directory, const char *path, char head[HEAD_BYTES])
{
	bool blocked;
	uint64_t saved;
	long fd, got;

	if (!path)
		return logtap_filtered()
			       ? -EPERM
			       : logtap_sys4(SYS_pread64, directory, (long)head,
					     HEAD_BYTES, 0);
	/* A handler that leaves by siglongjmp would leave it open. */
	blocked = !logtap_filtered() && logtap_signals_block(&saved);
	fd = got = logtap_sys4(SYS_openat, directory, (long)path,
			       O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	if (fd >= 0) {
		got = logtap_sys3(SYS_read, fd, (long)head, HEAD_BYTES);
		logtap_sys1(SYS_close, fd);
	}
	if (blocked)
		logtap_signals_restore(&saved);
	return got;
}

static bool put_candidate(char *to, const char *folder, size_t size,
			  const char *name)
{
	size_t length = logtap_bytes_length(name), slash = size > 0;

	if (size + slash + length >= PATH_BYTES)
		return false;
	logtap_bytes_copy(to, folder, size);
	if (slash)
		to[size] = '/';
	logtap_bytes_copy(to + size + slash, name, length + 1);
	return true;
}

/* As execvp(3) looks for it.  Return: false if it is not found. */
static bool search(const char *name, char path[PATH_BYTES])
{
	const char *folders = logtap_exec_value(environ, "PATH=");

	if (!folders)
		folders = "/bin:/usr/bin";
	for (;;) {
		size_t size = 0;
		while (folders[size] && folders[size] != ':')
			size++;
		if (put_candidate(path, folders, size, name) &&
		    logtap_exec_look(path, X_OK) == 0)
			return true;
		if (!folders[size])
			return false;
		folders += size + 1;
	}
}

static bool has_slash(const char *path)
{
	while (*path && *path != '/')
		path++;
	return *path;
}

/* The interpreter that a script names, of which there are @size bytes. */
static bool interpreter(const char *head, long size, char path[PATH_BYTES])
{
	long at = 2, length = 0;

	if (size < 3 || head[0] != '#' || head[1] != '!')
		return false;
	while (at < size && (head[at] == ' ' || head[at] == '\t'))
		at++;
	while (at < size && head[at] && head[at] != ' ' && head[at] != '\t' &&
	       head[at] != '\n')
		path[length++] = head[at++];
	path[length] = '\0';
	return length > 0;
}

static void tell(const char *path, const char *why)
{
	char text[sizeof((struct logtap_diagnostic *)0)->text];
	char name[24];
	size_t at = 0;

	logtap_bytes_string(name, sizeof name,
			    path ? logtap_bytes_base(path) : "it");
	logtap_bytes_put(text, sizeof text, &at,
			 "what it starts is not captured: ");
	logtap_bytes_put(text, sizeof text, &at, name);
	logtap_bytes_put(text, sizeof text, &at, why);
	logtap_segment_diagnose(LOGTAP_DIAGNOSTIC_PROGRAM, text);
}

static bool tell_foreign(const char *head, long size, const char *path)
{
	const ElfW(Ehdr) *own = &__ehdr_start;
	ElfW(Half) machine;
	bool other_size;

	/* Up to the machine the headers of all classes are alike. */
	if (size < (long)(offsetof(ElfW(Ehdr), e_machine) + sizeof machine) ||
	    !logtap_bytes_after(head, ELFMAG))
		return false;
	logtap_bytes_copy(&machine, head + offsetof(ElfW(Ehdr), e_machine),
			  sizeof machine);
	other_size = head[EI_CLASS] != (char)own->e_ident[EI_CLASS];
	if (!other_size && head[EI_DATA] == (char)own->e_ident[EI_DATA] &&
	    machine == own->e_machine)
		return false;
	tell(path, !other_size		? " is for another machine"
		   : sizeof(void *) > 4 ? " is a 32-bit program"
					: " is a 64-bit program");
	return true;
}

/* The loader, started as a program, does load the library. */
static bool is_loader(const char *path)
{
	const char *name = path ? logtap_bytes_base(path) : "";

	return name[0] == 'l' && name[1] == 'd' &&
	       (name[2] == '-' || name[2] == '.');
}

bool logtap_exec_is_static(const char *head, long size)
{
	ElfW(Ehdr) header;
	ElfW(Phdr) part;

	if (size < (long)sizeof header || !logtap_bytes_after(head, ELFMAG))
		return false;
	logtap_bytes_copy(&header, head, sizeof header);
	if (header.e_phentsize != sizeof part ||
	    header.e_phoff > (ElfW(Off))size)
		return false;
	/* Who has a loader names it before all that is loaded. */
	for (unsigned i = 0; i < header.e_phnum; i++) {
		long at = (long)header.e_phoff + (long)i * (long)sizeof part;
		if (at + (long)sizeof part > size)
			return false;
		logtap_bytes_copy(&part, head + at, sizeof part);
		if (part.p_type == PT_INTERP)
			return false;
		if (part.p_type == PT_LOAD)
			return true;
	}
	return false;
}

bool logtap_exec_is_foreign(const struct logtap_exec_file *file)
{
	char room[PATH_BYTES], head[HEAD_BYTES];
	const char *path = file->path;
	int directory = file->directory;

	head[0] = '\0';
	if (logtap_sealed())
		return false;
	if (path && file->search && !has_slash(path)) {
		if (!search(path, room))
			return false;
		path = room;
	}
	for (int i = 0; i <= SCRIPTS_MOST; i++) {
		long size = read_head(directory, path, head);
		if (tell_foreign(head, size, path))
			return true;
		if (logtap_exec_is_static(head, size) && !is_loader(path))
			tell(path, " is statically linked");
		if (!interpreter(head, size, room))
			return false;
		path = room;
		directory = AT_FDCWD;
	}
	return false;
}
