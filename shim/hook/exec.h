/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Following children into the programs that they become.
 *
 * Children inherit the preload with their environment.  Where a host makes a
 * new one, what logtap needs is put back into the copy that the program gets
 * (LOGTAP_FOLLOW, set by `logtap run`).  What a thread starts while it is in a
 * span of the API gets that span as its TRACEPARENT, unless the host has set one
 * itself.
 *
 * Where the library cannot be read any more (chroot(2), another mount namespace,
 * another user), and where the program is for another machine (a 32-bit one), the
 * loader would complain of that on the program's standard error: there the
 * library is taken out of the copy.
 */
#ifndef LOGTAP_HOOK_EXEC_H
#define LOGTAP_HOOK_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Not 0: what is executed gets another environment.  Also read by thunks. */
extern _Atomic uint32_t logtap_following;

/* In the constructor: remembers the preload and LOGTAP_*.  @follow: what is
 * missing is put back. */
void logtap_exec_init(char **envp, bool follow);

enum logtap_exec_change {
	LOGTAP_EXEC_KEEP,
	LOGTAP_EXEC_COMPLETE, /* something is missing */
	LOGTAP_EXEC_REMOVE,   /* the library, which cannot be loaded */
};

/* What is to be executed. */
struct logtap_exec_file {
	int directory;	  /* AT_FDCWD, or what @path is relative to */
	const char *path; /* NULL: the file that is open at @directory */
	bool search;	  /* in PATH, if it has no slash */
};

/* What is @envp to become?  If it names the library, or is to, looks once for the
 * library and at the file; takes 2 KiB of the stack.  Where the stack for signal
 * handlers has no more left than that it stays as it is. */
enum logtap_exec_change logtap_exec_change(const struct logtap_exec_file *file,
					   char *const *envp);

/* Room for the environment that a program gets; on the stack, because in a
 * vfork child all other memory is the parent's. */
#define LOGTAP_EXEC_VARIABLES 1024
#define LOGTAP_EXEC_PRELOAD_BYTES 4096
struct logtap_exec_environment {
	size_t count;	  /* of variables, with the NULL */
	size_t bytes;	  /* of the list */
	char **variables; /* the caller's */
	char *preload;	  /* the caller's */
	char traceparent[72];
};

/* How much room it takes, within those bounds; the caller has it then. */
struct logtap_exec_environment logtap_exec_room(char *const *envp,
						enum logtap_exec_change change);

/* @envp with what is missing, or without what does harm; or @envp itself when it
 * does not fit.  @change: not LOGTAP_EXEC_KEEP. */
char *const *logtap_exec_changed(struct logtap_exec_environment *room,
				 char *const *envp,
				 enum logtap_exec_change change);

/* Must the library go out of @envp, whatever is started?  Looks once for it, if
 * it is named there. */
bool logtap_exec_must_remove(char *const *envp);

/* Our entry of LD_PRELOAD, as we were loaded by it; NULL: by none.  Set in the
 * constructor; it stays. */
void logtap_exec_set_library(const char *entry);
const char *logtap_exec_library(void);
/* The first entry in the list @value that is a liblogtap.so, whichever, and its
 * length; NULL if there is none. */
const char *logtap_exec_find_entry(const char *value, size_t *size);
/* Of the value of LD_PRELOAD, where we are preloaded: does it name us? */
bool logtap_exec_has_library(const char *list);
/* "LD_PRELOAD=" and the list without us.  Return: what is left of it in bytes, or
 * -1: it does not fit. */
long logtap_exec_put_others(char *to, size_t size, const char *list);

/* What is behind @assignment ("NAME=") in @envp, or NULL. */
const char *logtap_exec_value(char *const *envp, const char *assignment);

/* In the constructor: where the library is, or a folder above it; it stays. */
void logtap_exec_reach_init(const char *path);

/* Can the library be read from here? */
bool logtap_exec_in_reach(void);

/* access(2).  Return: 0 or -errno. */
long logtap_exec_look(const char *path, int mode);

/* Is it, or the interpreter of a script, for another machine?  Leaves a note if
 * so, or if it is statically linked.  What cannot be read is not. */
bool logtap_exec_is_foreign(const struct logtap_exec_file *file);
/* Does a file for this machine that begins with @head have no loader?  False
 * where the first @size bytes do not tell. */
bool logtap_exec_is_static(const char *head, long size);

/* Before the host forbids system calls. */
void logtap_exec_seal(void);

/* Leaves a note, once, when what is about to be started is not captured. */
void logtap_exec_tell(bool in_reach);

#endif
