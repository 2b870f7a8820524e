/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of journal frames: see the header.  Any thread. */
#include "frame.h"

#include <zlib.h>

uint32_t logtap_frame_crc(const struct logtap_frame *frame, const void *payload,
			  uint64_t position)
{
	struct {
		struct logtap_frame frame;
		uint64_t position;
	} copy = {*frame, position};
	copy.frame.crc = 0;
	uLong crc = crc32(0, (const Bytef *)&copy, sizeof(copy));
	/* Data is written in one call with its header and its end, by us, to
	 * memory: only its end can be missing. */
	if (frame->type != LOGTAP_FRAME_DATA && frame->length)
		crc = crc32(crc, payload, frame->length);
	return (uint32_t)crc;
}

uint64_t logtap_frame_end(uint64_t position)
{
	return ~position ^ LOGTAP_FRAME_MAGIC;
}

bool logtap_frame_good(const struct logtap_frame *frame, const void *payload,
		       uint64_t end, uint64_t position)
{
	return frame->magic == LOGTAP_FRAME_MAGIC &&
	       frame->length <= LOGTAP_FRAME_LENGTH_MAX && frame->ring <= 1 &&
	       end == logtap_frame_end(position) &&
	       frame->crc == logtap_frame_crc(frame, payload, position);
}
