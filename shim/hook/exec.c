/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* exec(3) and posix_spawn(3): the environment is changed on the stack, then
 * libc's own is called.  No guard is held (exec does not return), and in a
 * vfork child only the stack is written. */
#include "exec.h"

#include "../real.h"

#include <errno.h>
#include <fcntl.h>

extern char **environ;

static enum logtap_exec_change change_for(const char *path, bool search,
					  char *const envp[])
{
	struct logtap_exec_file file = {AT_FDCWD, path, search};

	return logtap_exec_change(&file, envp);
}

/* Too long with what we put in?  posix_spawn(3) returns its error. */
static bool is_too_long(int result)
{
	return result == E2BIG || (result < 0 && errno == E2BIG);
}

/* Calls @call with the environment in `changed`.  No more of the stack than that
 * takes: it may be a small one.  What does not fit is called as it was. */
#define CHANGE(envp, change, call)                                             \
	do {                                                                   \
		struct logtap_exec_environment room =                          \
			logtap_exec_room(envp, change);                        \
		room.variables =                                               \
			__builtin_alloca(room.count * sizeof *room.variables); \
		room.preload = __builtin_alloca(room.bytes);                   \
		char *const *changed =                                         \
			logtap_exec_changed(&room, envp, change);              \
		int result = call;                                             \
		if (is_too_long(result) && change == LOGTAP_EXEC_COMPLETE) {   \
			changed = envp;                                        \
			result = call;                                         \
		}                                                              \
		return result;                                                 \
	} while (0)

static __attribute__((noinline)) int change_execve(
	const char *path, char *const argv[], char *const envp[],
	enum logtap_exec_change change)
{
	CHANGE(envp, change, logtap_real.execve(path, argv, changed));
}

int logtap_on_execve(const char *path, char *const argv[], char *const envp[])
{
	enum logtap_exec_change change = change_for(path, false, envp);

	if (change == LOGTAP_EXEC_KEEP)
		return logtap_real.execve(path, argv, envp);
	return change_execve(path, argv, envp, change);
}

static __attribute__((noinline)) int change_execvpe(
	const char *file, char *const argv[], char *const envp[],
	enum logtap_exec_change change)
{
	CHANGE(envp, change, logtap_real.execvpe(file, argv, changed));
}

int logtap_on_execvpe(const char *file, char *const argv[], char *const envp[])
{
	enum logtap_exec_change change = change_for(file, true, envp);

	if (change == LOGTAP_EXEC_KEEP)
		return logtap_real.execvpe(file, argv, envp);
	return change_execvpe(file, argv, envp, change);
}

int logtap_on_execv(const char *path, char *const argv[])
{
	return logtap_on_execve(path, argv, environ);
}

int logtap_on_execvp(const char *file, char *const argv[])
{
	return logtap_on_execvpe(file, argv, environ);
}

static __attribute__((noinline)) int change_fexecve(
	int fd, char *const argv[], char *const envp[],
	enum logtap_exec_change change)
{
	CHANGE(envp, change, logtap_real.fexecve(fd, argv, changed));
}

int logtap_on_fexecve(int fd, char *const argv[], char *const envp[])
{
	struct logtap_exec_file file = {fd, NULL, false};
	enum logtap_exec_change change = logtap_exec_change(&file, envp);

	if (change == LOGTAP_EXEC_KEEP)
		return logtap_real.fexecve(fd, argv, envp);
	return change_fexecve(fd, argv, envp, change);
}

static __attribute__((noinline)) int change_execveat(
	int directory, const char *path, char *const argv[], char *const envp[],
	int flags, enum logtap_exec_change change)
{
	CHANGE(envp, change,
	       logtap_real.execveat(directory, path, argv, changed, flags));
}

int logtap_on_execveat(int directory, const char *path, char *const argv[],
		       char *const envp[], int flags)
{
	/* With that flag "" means @directory itself; not looked at here, because
	 * the kernel takes a bad pointer better. */
	struct logtap_exec_file file = {
		directory, flags & AT_EMPTY_PATH ? NULL : path, false};
	enum logtap_exec_change change = logtap_exec_change(&file, envp);

	if (change == LOGTAP_EXEC_KEEP)
		return logtap_real.execveat(directory, path, argv, envp, flags);
	return change_execveat(directory, path, argv, envp, flags, change);
}

typedef int spawn_function(pid_t *pid, const char *path,
			   const posix_spawn_file_actions_t *actions,
			   const posix_spawnattr_t *attributes,
			   char *const argv[], char *const envp[]);

static __attribute__((noinline)) int change_spawn(
	spawn_function *spawn, pid_t *pid, const char *path,
	const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[],
	char *const envp[], enum logtap_exec_change change)
{
	CHANGE(envp, change,
	       spawn(pid, path, actions, attributes, argv, changed));
}

int logtap_on_posix_spawn(pid_t *pid, const char *path,
			  const posix_spawn_file_actions_t *actions,
			  const posix_spawnattr_t *attributes,
			  char *const argv[], char *const envp[])
{
	enum logtap_exec_change change = change_for(path, false, envp);

	if (change == LOGTAP_EXEC_KEEP)
		return logtap_real.posix_spawn(pid, path, actions, attributes,
					       argv, envp);
	return change_spawn(logtap_real.posix_spawn, pid, path, actions,
			    attributes, argv, envp, change);
}

int logtap_on_posix_spawnp(pid_t *pid, const char *file,
			   const posix_spawn_file_actions_t *actions,
			   const posix_spawnattr_t *attributes,
			   char *const argv[], char *const envp[])
{
	enum logtap_exec_change change = change_for(file, true, envp);

	if (change == LOGTAP_EXEC_KEEP)
		return logtap_real.posix_spawnp(pid, file, actions, attributes,
						argv, envp);
	return change_spawn(logtap_real.posix_spawnp, pid, file, actions,
			    attributes, argv, envp, change);
}

/* Arguments of execl(3) and its kin, the terminating NULL included. */
static size_t count(const char *first, va_list arguments)
{
	size_t size = 1;

	for (; first; size++)
		first = va_arg(arguments, char *);
	return size;
}

static void collect(char **argv, const char *first, va_list arguments)
{
	*argv = (char *)(uintptr_t)first;
	while (*argv)
		*++argv = va_arg(arguments, char *);
}

/* Declares argv on the stack, as long as it must be, as libc does; leaves
 * `arguments` behind the NULL. */
#define ARGUMENTS(first)                                                   \
	va_list arguments, copy;                                           \
	va_start(arguments, first);                                        \
	va_copy(copy, arguments);                                          \
	char **argv = __builtin_alloca(count(first, copy) * sizeof *argv); \
	va_end(copy);                                                      \
	collect(argv, first, arguments)

int logtap_on_execl(const char *path, const char *first, ...)
{
	ARGUMENTS(first);
	va_end(arguments);
	return logtap_on_execve(path, argv, environ);
}

int logtap_on_execlp(const char *file, const char *first, ...)
{
	ARGUMENTS(first);
	va_end(arguments);
	return logtap_on_execvpe(file, argv, environ);
}

int logtap_on_execle(const char *path, const char *first, ...)
{
	ARGUMENTS(first);
	/* collect() may have taken its arguments from a copy of the list. */
	va_end(arguments);
	va_start(arguments, first);
	for (size_t i = 1; argv[i - 1]; i++)
		(void)va_arg(arguments, char *);
	char *const *envp = va_arg(arguments, char *const *);
	va_end(arguments);
	return logtap_on_execve(path, argv, envp);
}
