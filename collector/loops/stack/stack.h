/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where a thread was when it logged: the registers and the piece of stack that
 * a host put into its ring, unwound and given names.
 *
 * The modules of a process are those of /proc/PID/maps, or what the process
 * told of itself (logtap_objects in logtap/abi/evidence.h) when it has ended.
 * Files are read as the process sees them, and only if they belong to root or
 * to the collector's own user and nobody else can write to them: what is read
 * there is parsed. A bounded number of processes is kept in mind, and no more
 * than a share of the time is spent on it.
 *
 * One thread: the pipeline's.
 */
#ifndef LOGTAP_LOOPS_STACK_H
#define LOGTAP_LOOPS_STACK_H

#include "evidence.h"
#include "python.h"

#define LOGTAP_FRAMES_MOST 48

struct logtap_stack_frame {
	uint64_t address;     /* in the process */
	const char *function; /* NULL: unknown */
	uint64_t offset;    /* of @address in the function, or in the module */
	const char *module; /* last part of its file's name, NULL: unknown */
	const char *file;   /* of the source; NULL: unknown */
	unsigned line;
};

/* From the innermost frame on, without those of logtap's library. */
struct logtap_stack_trace {
	size_t count;
	struct logtap_stack_frame frames[LOGTAP_FRAMES_MOST];
	size_t culprit; /* the first that is not libc's or a like library's,
	                 * and has a name if one of those has; 0 if all are */
	bool whole;	/* ends where the thread began */
	const struct logtap_python_trace *python; /* NULL: not looked now */
	const char *unread; /* why there is no frame: what the process has
			     * loaded may not be read; a static text */
	uint64_t hash; /* of modules and places: the same in each process of a
	                 * program */
};

struct logtap_unwinder;

/* Return: NULL without memory. */
struct logtap_unwinder *logtap_unwinder_new(void);
void logtap_unwinder_free(struct logtap_unwinder *unwinder);

/* Return: a trace with at least one frame, or why there is none, valid until the
 * next call of any of these functions; NULL if nothing can be said, or not
 * now. */
const struct logtap_stack_trace *logtap_unwind(
	struct logtap_unwinder *unwinder, const struct logtap_process *process,
	const struct logtap_stack_view *view);

/* What a process told of its modules: an EVIDENCE chunk of kind OBJECTS. */
void logtap_unwinder_objects(struct logtap_unwinder *unwinder,
			     const struct logtap_process *process,
			     const struct logtap_evidence_view *view);

/* The functions of Python programs are to be read as well, of 20 stacks a
 * second. */
void logtap_unwinder_read_python(struct logtap_unwinder *unwinder);

/* A process has ended, and its last chunk was seen. */
void logtap_unwinder_forget(struct logtap_unwinder *unwinder,
			    const struct logtap_process *process);

struct logtap_unwinder_stats {
	uint64_t unwound;
	uint64_t skipped;  /* no time for it */
	uint64_t unknown;  /* no modules, or nothing that fits them */
	uint64_t distrust; /* files that were not read */
};
void logtap_unwinder_stats(const struct logtap_unwinder *unwinder,
			   struct logtap_unwinder_stats *out);

/* Is the file an interpreter, whose functions say nothing about the program
 * that it runs?  @module: the last part of its name. Any thread. */
bool logtap_stack_is_interpreter(const char *module);

/* One line a frame, "function+0x12 (module) file:line", cut to @room - 1 bytes
 * at the end of a line. Return: bytes without the NUL. Any thread. */
size_t logtap_stack_print(const struct logtap_stack_trace *trace, char *text,
			  size_t room);

#endif
