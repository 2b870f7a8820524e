/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The memory in which a thread has its frames, at one moment: see
 * python_private.h.  The pipeline's thread. */
#include "python_private.h"

#include <string.h>

enum { GENERATOR = 1, PIECE_HEAD_BYTES = 24, BEHIND_BYTES = 256 };
/* How far before an instruction its code is looked for. */
enum { BLOCK_BYTES = 4096, BLOCKS = 8 };

static uint64_t word_at(const struct logtap_python_image *image,
			uint64_t address)
{
	uint64_t value;

	memcpy(&value, image->data + (address - image->low), sizeof(value));
	return value;
}

static bool holds(const struct logtap_python *python,
		  const struct logtap_python_image *image, uint64_t frame)
{
	uint64_t bytes = python->layout->frame_bytes;

	return frame >= image->low && image->bytes >= bytes &&
	       frame - image->low <= image->bytes - bytes;
}

bool logtap_python_is_of_then(const struct logtap_python *python,
			      const struct logtap_python_memory *memory,
			      uint64_t frame)
{
	uint64_t bytes = python->layout->frame_bytes;

	return frame >= memory->then_low && memory->then_bytes >= bytes &&
	       frame - memory->then_low <= memory->then_bytes - bytes;
}

struct logtap_python_code *logtap_python_code_known(
	struct logtap_python *python, uint64_t address)
{
	for (size_t i = 0; address && i < LOGTAP_PYTHON_CODES; i++)
		if (python->codes[i].address == address)
			return &python->codes[i];
	return NULL;
}

static struct logtap_python_code *remember(
	struct logtap_python *python, const struct logtap_python_code *code)
{
	struct logtap_python_code *place = &python->codes[python->next_code];

	python->next_code = (python->next_code + 1) % LOGTAP_PYTHON_CODES;
	*place = *code;
	return place;
}

static bool is_in(const struct logtap_python_code *code, uint64_t at)
{
	return code->address && at >= code->instructions &&
	       at - code->instructions < code->units * 2;
}

/* A code object begins with its type, which what is in it does not hold. */
struct logtap_python_code *logtap_python_code_around(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	uint64_t at)
{
	unsigned char data[BLOCK_BYTES + 16];
	struct logtap_python_code code;

	for (size_t i = 0; i < LOGTAP_PYTHON_CODES; i++)
		if (is_in(&python->codes[i], at))
			return &python->codes[i];
	for (uint64_t low = at - at % BLOCK_BYTES, i = 0;
	     i < BLOCKS && low >= BLOCK_BYTES; i++, low -= BLOCK_BYTES) {
		size_t bytes = i ? sizeof(data) : (at - low) & ~UINT64_C(7);
		if (bytes < 16)
			continue;
		if (!memory->read(memory->context, low, data, bytes))
			return NULL;
		for (size_t j = bytes & ~UINT64_C(15); j >= 16;) {
			uint64_t type;
			j -= 16;
			memcpy(&type, data + j + 8, sizeof(type));
			if (type == python->code_type &&
			    logtap_python_code_read(python, memory, low + j,
						    &code))
				return is_in(&code, at)
					       ? remember(python, &code)
					       : NULL;
		}
	}
	return NULL;
}

/* Remembers the functions of all that may be a frame. */
static void learn(struct logtap_python *python,
		  const struct logtap_python_memory *memory,
		  const struct logtap_python_image *image)
{
	for (size_t at = 0; at + 8 <= image->bytes; at += 8) {
		uint64_t address = word_at(image, image->low + at);
		struct logtap_python_code code;
		if (address < 65536 || address % 16 || address >> 56 ||
		    logtap_python_code_known(python, address) ||
		    !logtap_python_code_read(python, memory, address, &code))
			continue;
		remember(python, &code);
	}
}

/* Return: false if not all of it is there. */
static bool read_around(const struct logtap_python *python,
			const struct logtap_python_memory *memory,
			uint64_t frame, uint64_t before,
			struct logtap_python_image *image)
{
	const uint64_t behind[] = {BEHIND_BYTES, python->layout->frame_bytes};

	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		size_t bytes = before + behind[i];
		if (!memory->read(memory->context, frame - before, image->data,
				  bytes))
			continue;
		image->low = frame - before;
		image->bytes = bytes;
		return true;
	}
	return false;
}

void logtap_python_image_read(struct logtap_python *python,
			      const struct logtap_python_memory *memory,
			      uint64_t frame, struct logtap_python_image *image)
{
	if (holds(python, image, frame))
		return;
	*image = (struct logtap_python_image){0};
	uint64_t before = LOGTAP_PYTHON_IMAGE_BYTES - BEHIND_BYTES;
	while (before >= 128 &&
	       (frame < before + 4096 ||
		!read_around(python, memory, frame, before, image)))
		before /= 2;
	/* what is on its page is there if it is */
	if (before < 128)
		read_around(python, memory, frame, frame % 4096, image);
	learn(python, memory, image);
}

bool logtap_python_image_frame(const struct logtap_python *python,
			       const struct logtap_python_image *image,
			       uint64_t frame, uint64_t *code,
			       uint64_t *instruction)
{
	if (!holds(python, image, frame))
		return false;
	*code = word_at(image, frame + python->layout->frame_code);
	*instruction =
		word_at(image, frame + python->layout->frame_instruction);
	return true;
}

static struct logtap_python_code *code_in(
	struct logtap_python *python, const struct logtap_python_image *image,
	uint64_t frame)
{
	uint64_t code, instruction;

	if (frame % 8 || !logtap_python_image_frame(python, image, frame, &code,
						    &instruction))
		return NULL;
	return logtap_python_code_known(python, code);
}

void logtap_python_image_learn(struct logtap_python *python,
			       const struct logtap_python_image *image,
			       uint64_t frame)
{
	struct logtap_python_code *code;

	for (size_t i = 0; i < LOGTAP_PYTHON_CODES; i++) {
		code = code_in(python, image, frame);
		if (!code)
			return;
		code->frame = frame;
		frame = word_at(image, frame + python->layout->frame_previous);
	}
}

static unsigned owner_of(const struct logtap_python *python,
			 const struct logtap_python_image *image,
			 uint64_t frame)
{
	return image->data[frame - image->low + python->layout->frame_owner];
}

static void take(struct logtap_python *python,
		 const struct logtap_python_image *image, uint64_t frame,
		 struct logtap_python_caller *out)
{
	out->code = code_in(python, image, frame);
	out->address = frame;
	out->instruction =
		word_at(image, frame + python->layout->frame_instruction);
}

/* By the link of the callee's frame, if that is still there. */
static bool by_link(struct logtap_python *python,
		    const struct logtap_python_memory *memory,
		    struct logtap_python_image *image,
		    const struct logtap_python_callee *callee,
		    struct logtap_python_caller *out)
{
	uint64_t address = callee->address;

	if (code_in(python, image, address) != callee->code)
		return false;
	uint64_t link =
		word_at(image, address + python->layout->frame_previous);
	bool free = owner_of(python, image, address) == GENERATOR ||
		    address % 4096 == PIECE_HEAD_BYTES ||
		    address % 4096 == PIECE_HEAD_BYTES + 8;
	out->is_fresh = true;
	out->none = !link;
	out->entry = python->layout->entries &&
		     logtap_python_holds(callee->own, link);
	if (!link || out->entry)
		return true;
	if (!holds(python, image, link))
		logtap_python_image_read(python, memory, link, image);
	const struct logtap_python_code *code = code_in(python, image, link);
	if (!code || (link + code->frame_bytes != address && !free &&
		      owner_of(python, image, link) != GENERATOR))
		return false;
	take(python, image, link, out);
	return true;
}

/* By its place: the function that has a frame there now, or had one before. */
static bool by_place(struct logtap_python *python,
		     const struct logtap_python_memory *memory,
		     const struct logtap_python_image *image,
		     const struct logtap_python_callee *callee,
		     struct logtap_python_caller *out)
{
	const char *named = callee->named;

	for (size_t i = 0; i < LOGTAP_PYTHON_CODES; i++) {
		const struct logtap_python_code *code = &python->codes[i];
		uint64_t frame = callee->address - code->frame_bytes;
		if (!code->address ||
		    (code->frame != frame &&
		     (code_in(python, image, frame) != code ||
		      owner_of(python, image, frame) != 0)) ||
		    (named &&
		     !logtap_python_code_names(python, memory, code, named)))
			continue;
		*out = (struct logtap_python_caller){
			.code = code,
			.address = frame,
		};
		return true;
	}
	return false;
}

bool logtap_python_caller_of(struct logtap_python *python,
			     const struct logtap_python_memory *memory,
			     struct logtap_python_image *image,
			     const struct logtap_python_callee *callee,
			     struct logtap_python_caller *out)
{
	*out = (struct logtap_python_caller){0};
	if (by_link(python, memory, image, callee, out))
		return true;
	*out = (struct logtap_python_caller){
		.entry = callee->outer_end == callee->address,
	};
	if (out->entry)
		return true;
	logtap_python_image_read(python, memory, callee->address, image);
	return by_place(python, memory, image, callee, out);
}
