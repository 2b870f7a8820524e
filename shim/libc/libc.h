/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What differs from libc to libc.  The build has the folder of one of them in its
 * include path and its sources: libc_names.h, libc_hooks.def, and definitions of
 * what is declared here, in hook/stdio.h, hook/syslog.h and segment/death.h.
 *
 * All of it is for the constructor, but for logtap_libc_robust_*() and
 * logtap_libc_objects().
 */
#ifndef LOGTAP_LIBC_LIBC_H
#define LOGTAP_LIBC_LIBC_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/* Does the process have the libc that this library was built for?  If not, it
 * stands down before it has done anything. */
bool logtap_libc_is_ours(void);

/* Is this the path of an object that libc consists of? */
bool logtap_libc_is_at(const char *path);

/* dl_iterate_phdr(3) of libc itself, whoever replaced it: a sanitizer's wants to
 * be called after its own start, which comes after ours. */
int logtap_libc_objects(int (*visit)(struct dl_phdr_info *info, size_t size,
				     void *data),
			void *data);

/* main's arguments, where constructors are not given them. */
void logtap_libc_arguments(int *argc, char ***argv, char ***envp);

/* What depends on the version of libc. */
void logtap_libc_init(void);

/* May the time stamp counter be read (prctl(2), PR_SET_TSC)? */
bool logtap_libc_may_count(void);

/* Another name for what libc does not have under @name, or NULL. */
const char *logtap_libc_alias(const char *name);

/* Has @child called in children of fork(2).  Return: 0; -ENOSYS: libc cannot; or
 * another -errno. */
int logtap_libc_atfork(void (*child)(void));

/* A robust mutex, process-shared, as libc lays it out. */
extern const struct logtap_libc_robust {
	uint32_t word_offset; /* of the futex word */
	uint32_t kind_offset;
	int kind;
	/* libc tells the kernel of the list at a thread's first lock, by a
	 * system call, not at its start */
	bool is_lazy;
} logtap_libc_robust;

/* The calling thread has just locked @mutex: will its end be seen in it? */
bool logtap_libc_robust_holds(const unsigned char *mutex);

/* In a forked child, before it locks one of its own. */
void logtap_libc_robust_forked(void);

#endif
