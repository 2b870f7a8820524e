/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The functions of a CPython program in which a thread was when it logged.
 *
 * The copy of its stack says where the interpreter had its frames and how far it
 * was; the frames themselves lie elsewhere. Once it is known where, a copy of
 * them comes with each stack; else they are read out of the process a moment
 * later, as what they lead to is (process_vm_readv; nothing stops it). What has
 * been overwritten meanwhile is told by what does not fit together, and is left
 * out. One thread: the pipeline's.
 */
#ifndef LOGTAP_LOOPS_PYTHON_H
#define LOGTAP_LOOPS_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOGTAP_PYTHON_FRAMES = 32,
	LOGTAP_PYTHON_CODES = 128,
	LOGTAP_PYTHON_SLOTS = 64,
	LOGTAP_PYTHON_NAME_BYTES = 64,
	LOGTAP_PYTHON_FILE_BYTES = 96,
};

enum logtap_python_status {
	LOGTAP_PYTHON_UNASKED, /* nobody has looked yet */
	LOGTAP_PYTHON_NONE,    /* no interpreter in the stack */
	LOGTAP_PYTHON_READ,    /* at least one frame */
	LOGTAP_PYTHON_GONE,    /* the frame was no longer there */
	LOGTAP_PYTHON_DENIED,  /* the process may not be read */
	LOGTAP_PYTHON_UNKNOWN, /* a version whose structures are not known */
};

/* Names are UTF-8; a function "..." stands for some that were gone. What does not
 * fit is cut: of a file's, the beginning. */
struct logtap_python_frame {
	char function[LOGTAP_PYTHON_NAME_BYTES]; /* qualified */
	char file[LOGTAP_PYTHON_FILE_BYTES];
	unsigned line; /* 0: unknown */
	bool exact;    /* else it is where the function begins */
};

/* From the innermost on. */
struct logtap_python_trace {
	enum logtap_python_status status;
	const char *why; /* DENIED: a static text; else NULL */
	bool then; /* the frames had come with the stack: nothing is guessed */
	uint64_t frame; /* where the innermost known one is; 0: none is */
	size_t count;
	struct logtap_python_frame frames[LOGTAP_PYTHON_FRAMES];
};

/* Of somebody else's process.  @read: all of @bytes at @address, or false. */
struct logtap_python_memory {
	bool (*read)(void *context, uint64_t address, void *to, size_t bytes);
	void *context;
	/* read as it was when the stack was copied; the rest may have changed */
	uint64_t then_low, then_bytes;
};

/* Where the structures of one version have what; bytes. */
struct logtap_python_layout {
	unsigned version; /* major << 8 | minor */
	bool entries;	  /* an activation has a frame of its own in its C
			   * stack, which the first function's leads to */
	bool starts; /* a frame has where its instruction begins, not the unit
		      * before the next one */
	bool tells;  /* the process itself has these offsets */
	/* _PyCFrame, which lies in the C stack of the interpreter, without
	 * entries */
	unsigned cframe_current, cframe_previous;
	/* _PyInterpreterFrame */
	unsigned frame_code, frame_previous, frame_instruction, frame_state,
		frame_owner, frame_bytes;
	/* PyCodeObject */
	unsigned code_names, code_stack, code_first_line, code_locals,
		code_file, code_name, code_lines, code_instructions;
	/* objects */
	unsigned type, size, bytes_data, string_length, string_state,
		string_ascii, string_other, tuple_data;
	/* instructions that call a Python function; 0: the end */
	unsigned call_units; /* of one with inline caches */
	unsigned char calls[12];
};

/* A function's code, as it lies in the process. */
struct logtap_python_code {
	uint64_t address;
	uint64_t instructions; /* address of the first; 2 bytes each */
	uint64_t units;	       /* so many */
	uint64_t frame_bytes;  /* what a frame of it takes */
	uint64_t file, name, names, lines; /* addresses of objects */
	unsigned first_line;
	uint64_t frame; /* where it was last seen to have one; 0: not yet */
};

/* Words of an activation: registers, then what it has on the stack. */
struct logtap_python_slots {
	uint32_t right[LOGTAP_PYTHON_SLOTS]; /* how often */
	uint32_t votes;
};

/* What is to be known of an interpreter. */
struct logtap_python {
	const struct logtap_python_layout *layout;
	uint64_t code_type, string_type, bytes_type; /* addresses */
	/* Functions of which frames were seen; what was seen first makes way. */
	struct logtap_python_code codes[LOGTAP_PYTHON_CODES];
	unsigned next_code;
	/* Where the interpreter keeps the next instruction, and its frame. */
	struct logtap_python_slots instructions, frames;
};

/* NULL: not known. @version: Py_Version of CPython, as 0x030b07f0. */
const struct logtap_python_layout *logtap_python_layout(uint64_t version);
/* Does the process say the same of itself?  @runtime: address of _PyRuntime.
 * A build without the global lock, whose objects are different, does not. */
bool logtap_python_layout_fits(const struct logtap_python_layout *layout,
			       const struct logtap_python_memory *memory,
			       uint64_t runtime);

/* The stack at hand: words of 8 bytes. */
struct logtap_python_words {
	const unsigned char *data; /* may be unaligned */
	uint64_t low;		   /* address of the first */
	size_t count;
};

/* One activation of the interpreter, which has run several functions if one
 * has called the other. */
struct logtap_python_activation {
	struct logtap_python_words own;	      /* what it has on the stack */
	struct logtap_python_words registers; /* as they were in it */
};

/* Reads the frames of a thread. @activations: from the innermost on. */
void logtap_python_read(struct logtap_python *python,
			const struct logtap_python_memory *memory,
			const struct logtap_python_activation *activations,
			size_t count, struct logtap_python_trace *out);

/* Is it code that logs on somebody's behalf? */
bool logtap_python_is_plumbing(const struct logtap_python_frame *frame);

#endif
