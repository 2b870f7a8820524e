/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A host that writes what it likes into its segment, also while it is read:
 * header, control page, slots and rings; it cuts its file, and dies.  What the
 * reader makes of it goes through the whole pipeline. */
#include "../../collector/base/log.h"
#include "../unit/intake/fixture.h"
#include "pipeline.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct reading {
	struct fuzz_input input;
	struct directory directory;
	struct host host;
	struct logtap_segment header; /* as it was: the host goes by it */
	struct intake intake;
	struct fuzz_pipeline pipeline;
	bool cut;
};

static void read_all(struct reading *reading)
{
	intake_drain(&reading->intake);
	intake_map_soon(&reading->intake);
	fuzz_pipeline_run(&reading->pipeline);
}

/* Somewhere in the file; the places that are read most are hit most. */
static void scribble(struct reading *reading, unsigned how)
{
	const uint8_t *data;
	const struct logtap_segment *header = &reading->header;
	uint64_t bases[] = {0, header->control_offset, header->slots_offset,
			    header->data_offset};
	uint64_t at = bases[how & 3] % reading->host.bytes +
		      fuzz_number(&reading->input, 2);
	size_t bytes = fuzz_take(&reading->input, 1 + (how >> 2) % 32, &data);
	if (reading->cut || at + bytes > reading->host.bytes)
		return;
	memcpy(reading->host.base + at, data, bytes);
}

static void push(struct reading *reading, unsigned how)
{
	const uint8_t *data;
	struct fuzz_input *input = &reading->input;
	struct logtap_chunk like = {
		.type = (how & 7) ? LOGTAP_CHUNK_DATA
				  : (uint8_t)fuzz_number(input, 1),
		.flags = (uint8_t)fuzz_number(input, 1),
		.sink = (uint8_t)fuzz_number(input, 1),
		.format = (uint8_t)fuzz_number(input, 1) % LOGTAP_FORMATS,
		.time = fuzz_number(input, 4),
		.priority = (uint16_t)fuzz_number(input, 2),
		.extension_bytes = (how >> 3) % 4 * 4,
	};
	size_t bytes = fuzz_take(input, fuzz_number(input, 1), &data);
	if (reading->cut || bytes < like.extension_bytes)
		return;
	host_push_chunk(&reading->host, 0, how & 32, &like, data,
			(uint32_t)bytes);
}

static void step(struct reading *reading)
{
	unsigned what = (unsigned)fuzz_number(&reading->input, 1);
	unsigned how = (unsigned)fuzz_number(&reading->input, 1);
	switch (what & 7) {
	case 0:
		read_all(reading);
		break;
	case 1:
	case 2:
	case 3:
		push(reading, how);
		break;
	case 4:
		if (how & 3 || reading->cut)
			break;
		reading->cut = true;
		FUZZ_CHECK(!truncate(reading->host.path,
				     (off_t)fuzz_number(&reading->input, 2)) ||
			   errno == ENOENT); /* it was refused, and removed */
		break;
	default:
		scribble(reading, how);
	}
}

static void end(struct reading *reading)
{
	if (!reading->cut)
		host_die(&reading->host, 0);
	read_all(reading);
	fuzz_pipeline_close(&reading->pipeline);
	intake_deinit(&reading->intake);
	host_deinit(&reading->host);
	directory_deinit(&reading->directory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct reading reading;
	struct host_options options = {0}; /* ours: it lives */
	memset(&reading, 0, sizeof(reading));
	reading.input = (struct fuzz_input){data, bytes};
	/* what is refused is told, and that is not of interest here */
	logtap_log_set_level(LOGTAP_LOG_NONE);
	directory_init(&reading.directory);
	host_init(&reading.host, &reading.directory, &options);
	reading.header = *reading.host.header;
	reading.host.header = &reading.header;
	host_claim(&reading.host, 0, 1, 0);
	host_claim(&reading.host, 1, 2, 0);
	if (fuzz_number(&reading.input, 1) & 1)
		scribble(&reading, (unsigned)fuzz_number(&reading.input, 1));
	intake_init(&reading.intake, &reading.directory, 0);
	fuzz_pipeline_open(&reading.pipeline, reading.intake.journal);
	while (reading.input.bytes)
		step(&reading);
	end(&reading);
	return 0;
}
