/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Is a process, a thread still there?  Asked of /proc, for hosts whose end no
 * death word tells.  Stateless; any thread.
 *
 * A pid is the host's own idea of its pid, which may be of a namespace that is
 * not ours.  So "gone" is said only where it is certain; a host of another
 * namespace is found by what it has mapped.
 */
#ifndef LOGTAP_INTAKE_LIVENESS_H
#define LOGTAP_INTAKE_LIVENESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum logtap_liveness {
	LOGTAP_GONE,
	LOGTAP_ALIVE,
	LOGTAP_UNKNOWN, /* not in our /proc under that pid */
};

/* A process of @pid that began at @start_ticks (0: whenever), with a thread
 * that still runs.  GONE: @pid is a zombie, or its number was given anew. */
enum logtap_liveness logtap_process_liveness(uint32_t pid,
					     uint64_t start_ticks);
/* The same of one thread of a process that is alive. */
enum logtap_liveness logtap_thread_liveness(uint32_t pid, uint32_t tid);

/* When a process began, as in /proc/PID/stat; 0: it is not in our /proc. */
uint64_t logtap_process_start(uint32_t pid);

/* The segment files that some process has mapped, as far as we may look. */
struct logtap_mapped_file {
	dev_t device;
	ino_t inode;
};
struct logtap_mapped_files {
	struct logtap_mapped_file *items;
	size_t count;
	size_t room;
	bool failed; /* out of memory: any may be mapped */
};

/* Reads the maps of all processes but ours: slow. */
void logtap_mapped_files_read(struct logtap_mapped_files *files);
void logtap_mapped_files_deinit(struct logtap_mapped_files *files);
bool logtap_mapped_files_have(const struct logtap_mapped_files *files,
			      dev_t device, ino_t inode);

/* May @pid have that file mapped?  Where its maps are not for us: may it be a
 * process of @owner's? */
bool logtap_process_may_map(uint32_t pid, dev_t device, ino_t inode,
			    uid_t owner);

/* The inode of this process's pid namespace; 0: unknown. */
uint64_t logtap_own_pid_namespace(void);
/* That of the first one, in whose /proc is every host: a constant of the
 * kernel. */
#define LOGTAP_FIRST_PID_NAMESPACE UINT64_C(0xEFFFFFFC)

#endif
