/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the parts of the unwinder share: the modules of one process
 * (stack_modules.c), the files of those (stack_file.c), unwinding one stack
 * with elfutils' libdw (stack_dwfl.c), names of its frames (stack_names.c).
 * Not for others.
 */
#ifndef LOGTAP_LOOPS_STACK_PRIVATE_H
#define LOGTAP_LOOPS_STACK_PRIVATE_H

#include "python.h"
#include "stack.h"

#include <elfutils/libdwfl.h>
#include <limits.h>

/* One file in the address space of a process. */
struct logtap_module {
	uint64_t start;
	uint64_t end;
	uint64_t inode; /* 0: not known, but a build id is */
	unsigned char build_id[20];
	size_t build_id_bytes;
	pid_t root;	    /* whose view of the file system; 0: ours */
	bool lines;	    /* small enough to look for source lines */
	bool failed;	    /* not to be tried again */
	uint64_t *distrust; /* counts its file, if it may not be read */
	char path[];	    /* NUL-terminated */
};

struct logtap_modules {
	struct logtap_module **items; /* by address */
	size_t count;
	size_t room;
};

void logtap_modules_deinit(struct logtap_modules *modules);
/* Copies @like with @path, of @path_bytes, into its place. Return: false if
 * there are too many, or no memory. */
bool logtap_modules_add(struct logtap_modules *modules,
			const struct logtap_module *like, const char *path,
			size_t path_bytes);
/* That holds @address, or NULL. */
const struct logtap_module *logtap_modules_find(
	const struct logtap_modules *modules, uint64_t address);
/* From /proc/PID/maps. Return: false if it cannot be read, with errno. */
bool logtap_modules_read(struct logtap_modules *modules, uint32_t pid);
/* From what a process told; what makes no sense is left out. */
void logtap_modules_told(struct logtap_modules *modules,
			 const unsigned char *data, size_t bytes);
/* Last part of its path. */
const char *logtap_module_name(const struct logtap_module *module);

/* For Dwfl_Callbacks: opens the file of a module if it may be read and is the
 * right one. */
int logtap_stack_open(struct logtap_module *module, char **file_name,
		      Elf **elf);
/* A descriptor of its separate debugging information, or -1. */
int logtap_stack_open_debug(Dwfl_Module *dwfl_module, char **file_name);

/* Registers that a call preserves; 0: unknown. */
enum { LOGTAP_KEPT_REGISTERS = 10 };

/* What is kept in mind of one process. */
struct logtap_stack_session {
	const struct logtap_process *process; /* NULL: free */
	uint64_t *distrust;	       /* counts files that were not read */
	struct logtap_modules modules; /* those of @dwfl */
	struct logtap_modules told;
	uint64_t read_ns;   /* when the maps were read; 0: never */
	const char *unread; /* why they could not be; NULL: they were */
	uint64_t used;
	Dwfl *dwfl; /* NULL: to be made */

	/* at work */
	const struct logtap_stack_view *view;
	uint64_t places[LOGTAP_FRAMES_MOST + 8]; /* pc; of callers less one */
	uint64_t tops[LOGTAP_FRAMES_MOST + 8];	 /* sp; 0: unknown */
	uint64_t kept[LOGTAP_FRAMES_MOST + 8][LOGTAP_KEPT_REGISTERS];
	size_t count;

	/* python_find.c; valid as long as dwfl */
	struct logtap_python python;
	bool python_looked;
};

/* Unwinds session->view into session->places.  Return: 0 if that came to the
 * end; without session->dwfl there is nothing. */
int logtap_stack_collect(struct logtap_stack_session *session);
/* To be made anew at the next one. */
void logtap_stack_end_dwfl(struct logtap_stack_session *session);

enum { LOGTAP_FUNCTION_BYTES = 256 };
/* Frames of session->places; @names: where those of functions go, which are
 * valid as long as it is and the session. */
void logtap_stack_name(const struct logtap_stack_session *session,
		       char names[][LOGTAP_FUNCTION_BYTES],
		       struct logtap_stack_trace *trace);

/* The functions of a Python program behind session->places, from the memory
 * that the session's process has now. */
void logtap_stack_python(struct logtap_stack_session *session,
			 struct logtap_python_trace *out);

#endif
