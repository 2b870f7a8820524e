/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A journal that an earlier collector left, or somebody who can sign frames as
 * one does: what it says is restored, and shaped. */
#include "../../collector/base/log.h"
#include "../unit/intake/fixture.h"
#include "pipeline.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void append(int fd, const void *data, size_t bytes)
{
	FUZZ_CHECK(write(fd, data, bytes) == (ssize_t)bytes);
}

/* Return: the position behind it. */
static uint64_t write_frame(struct fuzz_input *input, int fd, uint64_t position)
{
	static const unsigned char zeros[8];
	const uint8_t *payload;
	unsigned how = (unsigned)fuzz_number(input, 1);
	struct logtap_frame frame = {
		.magic = LOGTAP_FRAME_MAGIC,
		.type = how & 15,
		.ring = (how >> 4) & 1,
		.segment = fuzz_number(input, 1) % 4,
		.generation = fuzz_number(input, 1),
		.slot = (uint32_t)fuzz_number(input, 2),
		.chunks = (uint32_t)fuzz_number(input, 1),
		.from = fuzz_number(input, 2),
		.observed_ns = UINT64_C(1700000000000000000),
	};
	frame.length =
		(uint32_t)fuzz_take(input, fuzz_number(input, 2), &payload);
	frame.to =
		frame.from + (how & 32 ? fuzz_number(input, 8) : frame.length);
	uint8_t *copy = fuzz_copy(payload, frame.length);
	frame.crc = logtap_frame_crc(&frame, copy, position);
	uint64_t end = logtap_frame_end(position);
	if (how & 64)
		frame.slot ^= 1 + (how >> 7); /* not what was signed */
	append(fd, &frame, sizeof(frame));
	append(fd, copy, frame.length);
	append(fd, zeros, -(size_t)frame.length & 7);
	append(fd, &end, sizeof(end));
	free(copy);
	return position + logtap_frame_span(frame.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct fuzz_input input = {data, bytes};
	struct fuzz_pipeline pipeline;
	struct directory directory;
	struct intake intake;
	uint64_t position = 0;
	logtap_log_set_level(LOGTAP_LOG_NONE);
	directory_init(&directory);
	int fd = openat(directory.fd, "journal-0000000000000000",
			O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	FUZZ_CHECK(fd >= 0);
	while (input.bytes)
		position = write_frame(&input, fd, position);
	close(fd);
	intake_init(&intake, &directory, 0);
	fuzz_pipeline_open(&pipeline, intake.journal);
	fuzz_pipeline_run(&pipeline);
	intake_drain(&intake);
	fuzz_pipeline_run(&pipeline);
	fuzz_pipeline_close(&pipeline);
	intake_deinit(&intake);
	directory_deinit(&directory);
	return 0;
}
