/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the reader of Python's frames consists of: code objects (python_code.c),
 * their tables of lines (python_lines.c), chains of frames (python_frames.c).
 * Not for others.
 */
#ifndef LOGTAP_LOOPS_PYTHON_PRIVATE_H
#define LOGTAP_LOOPS_PYTHON_PRIVATE_H

#include "python.h"

enum { LOGTAP_PYTHON_CODE_BYTES = 256 };

/* Return: false if there is no code object. */
bool logtap_python_code_read(const struct logtap_python *python,
			     const struct logtap_python_memory *memory,
			     uint64_t address, struct logtap_python_code *out);
/* Fills function and file.  Return: false if these are no strings. */
bool logtap_python_code_name(const struct logtap_python *python,
			     const struct logtap_python_memory *memory,
			     const struct logtap_python_code *code,
			     struct logtap_python_frame *out);

/* Does it use the name (the last part of a qualified one) of an attribute or of
 * something global? */
bool logtap_python_code_names(const struct logtap_python *python,
			      const struct logtap_python_memory *memory,
			      const struct logtap_python_code *code,
			      const char *name);

/* One instruction, with its inline caches. */
struct logtap_python_place {
	unsigned line;	/* 0: it has none */
	uint64_t first; /* unit */
	uint64_t units;
};
/* The instruction that holds @unit.  Return: false if the table does not say. */
bool logtap_python_line(const struct logtap_python *python,
			const struct logtap_python_memory *memory,
			const struct logtap_python_code *code, uint64_t unit,
			struct logtap_python_place *out);

/* Frames as they were at one moment, and what lay around them. */
enum { LOGTAP_PYTHON_IMAGE_BYTES = 8192 };
struct logtap_python_image {
	uint64_t low;
	size_t bytes;
	unsigned char data[LOGTAP_PYTHON_IMAGE_BYTES];
};

/* Reads what lies before @frame, unless the image holds it already, and
 * remembers the code of what may be frames. */
void logtap_python_image_read(struct logtap_python *python,
			      const struct logtap_python_memory *memory,
			      uint64_t frame,
			      struct logtap_python_image *image);
/* Code and instruction of the frame that is there now, unchecked. */
bool logtap_python_image_frame(const struct logtap_python *python,
			       const struct logtap_python_image *image,
			       uint64_t frame, uint64_t *code,
			       uint64_t *instruction);
/* NULL: not remembered. */
struct logtap_python_code *logtap_python_code_known(
	struct logtap_python *python, uint64_t address);

/* The one whose instructions @at is of, or NULL. */
struct logtap_python_code *logtap_python_code_around(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	uint64_t at);

struct logtap_python_caller {
	bool none;     /* the callee is the thread's first */
	bool is_fresh; /* the callee's frame is still there */
	uint64_t address, instruction;
	const struct logtap_python_code *code;
};
/* @callee, @address: code and place of the callee's frame. @named: the caller
 * must name it, if it is told by its place alone; NULL: any. */
bool logtap_python_caller_of(struct logtap_python *python,
			     const struct logtap_python_memory *memory,
			     struct logtap_python_image *image,
			     const struct logtap_python_code *callee,
			     uint64_t address, const char *named,
			     struct logtap_python_caller *out);

#endif
