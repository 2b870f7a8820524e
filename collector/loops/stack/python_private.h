/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the reader of Python's frames consists of: code objects (python_code.c),
 * their tables of lines (python_lines.c), the memory around a frame
 * (python_image.c), the words of an activation (python_words.c), the frame that
 * one is in (python_entry.c), the function (python_slots.c), chains of frames
 * (python_frames.c).  Not for others.
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
/* Is the frame as it was when the stack was copied? */
bool logtap_python_is_of_then(const struct logtap_python *python,
			      const struct logtap_python_memory *memory,
			      uint64_t frame);
/* Remembers where the functions have their frames that lead from one to another
 * now, beginning at @frame, as far as the image goes. */
void logtap_python_image_learn(struct logtap_python *python,
			       const struct logtap_python_image *image,
			       uint64_t frame);
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

struct logtap_python_callee {
	const struct logtap_python_code *code;
	uint64_t address;  /* of its frame */
	const char *named; /* the caller must name it, if it is told by its
			    * place alone; NULL: any */
	const struct logtap_python_words *own; /* of its activation */
	uint64_t outer_end; /* of the next activation's frame; 0: unknown */
};
struct logtap_python_caller {
	bool none;     /* the callee is the thread's first */
	bool entry;    /* it is the activation's first; the rest is not set */
	bool is_fresh; /* the callee's frame is still there */
	uint64_t address, instruction;
	const struct logtap_python_code *code;
};
bool logtap_python_caller_of(struct logtap_python *python,
			     const struct logtap_python_memory *memory,
			     struct logtap_python_image *image,
			     const struct logtap_python_callee *callee,
			     struct logtap_python_caller *out);

/* python_words.c */
uint64_t logtap_python_word(const struct logtap_python_words *words, size_t i);
bool logtap_python_holds(const struct logtap_python_words *words,
			 uint64_t address);
size_t logtap_python_word_count(
	const struct logtap_python_activation *activation);
uint64_t logtap_python_word_in(
	const struct logtap_python_activation *activation, size_t i);
/* @found: the slots that were right, as bits; 0: no vote. */
void logtap_python_vote(struct logtap_python_slots *slots, uint64_t found);
/* The slot that was right mostly; SIZE_MAX: none. */
size_t logtap_python_slot(const struct logtap_python_slots *slots);

/* python_entry.c: where the frame of each activation is; 0: unknown. */
void logtap_python_find_frames(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	const struct logtap_python_activation *activations, size_t count,
	uint64_t *frames);

/* python_slots.c */
/* Is the activation at that instruction of a frame? */
bool logtap_python_is_at(const struct logtap_python *python,
			 const struct logtap_python_activation *activation,
			 uint64_t instruction);
/* Outer frames mostly are what they were: where do they have it? */
void logtap_python_learn_slots(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	struct logtap_python_image *image,
	const struct logtap_python_activation *activations,
	const uint64_t *frames, size_t count);
/* The function that an activation was in, whose @frame is in the image.  Not
 * every call leaves the next instruction where the others do, so what is there
 * may be of a caller.  @sure: the frame says the same.
 * @unit: the one that was begun; UINT64_MAX: the frame has gone on. */
struct logtap_python_code *logtap_python_code_of(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	const struct logtap_python_image *image,
	const struct logtap_python_activation *activation, uint64_t frame,
	uint64_t *unit, bool *sure);

/* python_calls.c: the line of the call at @unit (of a frame whose callee's is
 * still there); 0: it is at no call. */
unsigned logtap_python_call_line(const struct logtap_python *python,
				 const struct logtap_python_memory *memory,
				 const struct logtap_python_code *code,
				 uint64_t unit);

#endif
