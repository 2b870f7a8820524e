/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What may be opened as a segment, and what becomes of a file that is cut
 * short while it is mapped. */
#include "../../../collector/intake/guard.h"
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static struct directory directory;
static struct host host;
static struct logtap_segment_file file;
static const char *why;

static void setup(void)
{
	cr_assert_eq(logtap_guard_install(), 0);
	directory_init(&directory);
	host_init(&host, &directory, NULL);
}

static void teardown(void)
{
	host_deinit(&host);
	directory_deinit(&directory);
}

TestSuite(segment, .init = setup, .fini = teardown);

static int try_open(const char *name)
{
	return logtap_segment_open(directory.fd, name, &file, &why);
}

Test(segment, a_good_file_is_opened_and_its_tables_are_mapped)
{
	host_claim(&host, 1, 77, 0);
	cr_assert_eq(try_open(host.name), 0);
	cr_assert_eq(logtap_segment_slot(&file, 1)->tid, 77);
	cr_assert_eq(atomic_load(logtap_segment_death(&file, 1)), 77);
	atomic_store(&file.control->closed, 1);
	cr_assert_eq(atomic_load(&host.control->closed), 1);
	logtap_segment_close(&file);
}

Test(segment, a_file_that_is_not_ready_is_looked_at_again)
{
	atomic_store(&host.header->prefix.ready, 0);
	cr_assert_eq(try_open(host.name), LOGTAP_SEGMENT_NOT_READY);
	atomic_store(&host.header->prefix.ready, 1);
	cr_assert_eq(try_open(host.name), 0);
	logtap_segment_close(&file);
}

Test(segment, two_collectors_never_have_the_same_file)
{
	struct logtap_segment_file other;
	cr_assert_eq(try_open(host.name), 0);
	cr_assert_eq(logtap_segment_open(directory.fd, host.name, &other, &why),
		     LOGTAP_SEGMENT_IN_USE);
	logtap_segment_close(&file);
	cr_assert_eq(try_open(host.name), 0);
	logtap_segment_close(&file);
}

Test(segment, links_fifos_and_directories_are_not_followed)
{
	cr_assert_eq(symlinkat(host.name, directory.fd, "link.seg"), 0);
	cr_assert_eq(mkfifoat(directory.fd, "fifo.seg", 0600), 0);
	cr_assert_eq(try_open("link.seg"), LOGTAP_SEGMENT_BAD);
	cr_assert_eq(try_open("fifo.seg"), LOGTAP_SEGMENT_BAD);
	cr_assert_eq(try_open("none.seg"), LOGTAP_SEGMENT_GONE);
}

Test(segment, a_file_shorter_than_it_says_is_refused)
{
	cr_assert_eq(truncate(host.path, (off_t)host.bytes - 1), 0);
	cr_assert_eq(try_open(host.name), LOGTAP_SEGMENT_BAD);
	cr_assert_str_eq(why, "the file is shorter than its header says");
	cr_assert_eq(truncate(host.path, LOGTAP_PAGE_BYTES), 0);
	cr_assert_eq(try_open(host.name), LOGTAP_SEGMENT_BAD);
	cr_assert_eq(truncate(host.path, 10), 0);
	cr_assert_eq(try_open(host.name), LOGTAP_SEGMENT_NOT_READY);
}

#define REFUSED(change)                                                       \
	do {                                                                  \
		struct logtap_segment header = *host.header;                  \
		change;                                                       \
		cr_assert_not_null(logtap_segment_check(&header, host.bytes), \
				   #change);                                  \
	} while (0)

Test(segment, every_field_of_the_geometry_is_checked)
{
	cr_assert_null(logtap_segment_check(host.header, host.bytes));
	REFUSED(header.prefix.magic[0] = 'X');
	REFUSED(header.prefix.major++);
	REFUSED(header.prefix.byte_order = 0x04030201);
	REFUSED(header.prefix.incompatible = 1);
	REFUSED(header.prefix.header_bytes = 64);
	REFUSED(header.segment_bytes = host.bytes + 1);
	REFUSED(header.segment_bytes = host.bytes - 1);
	REFUSED(header.segment_bytes = UINT64_MAX);
	REFUSED(header.control_offset = 0);
	REFUSED(header.control_offset += 8);
	REFUSED(header.control_offset = UINT64_MAX - 4095);
	REFUSED(header.slots_offset = header.control_offset);
	REFUSED(header.slots_offset += 1);
	REFUSED(header.slots_offset = UINT64_MAX - 63);
	REFUSED(header.data_offset = header.slots_offset);
	REFUSED(header.data_offset = UINT64_MAX - 7);
	REFUSED(header.data_offset += 1);
	REFUSED(header.data_offset += 4096);
	REFUSED(header.slot_count = 0);
	REFUSED(header.slot_count++);
	REFUSED(header.slot_count = LOGTAP_SLOTS_MAX + 1);
	REFUSED(header.slot_count = UINT32_MAX);
	REFUSED(header.slot_bytes = 511);
	REFUSED(header.ring_bytes = 0);
	REFUSED(header.ring_bytes = 4095);
	REFUSED(header.ring_bytes = 8192);
	REFUSED(header.ring_bytes = UINT32_C(1) << 31);
	REFUSED(header.nested_bytes = 12288);
	REFUSED(header.ring_blocks = 4);
	REFUSED(header.death_offset = 0);
	REFUSED(header.death_offset = 510);
	REFUSED(header.death_offset = 449);
	REFUSED(header.death_offset = UINT32_MAX - 3);
}

Test(segment, user_metrics_lie_between_the_slots_and_the_data)
{
	struct logtap_segment good = *host.header, header;
	uint64_t area = logtap_metric_area_bytes(good.slot_count);
	uint64_t bytes = host.bytes + area;
	good.counters_offset = good.data_offset;
	good.counters_bytes = (uint32_t)area;
	good.data_offset += area;
	good.segment_bytes += area;
	cr_assert_null(logtap_segment_check(&good, bytes));
#define METRICS_REFUSED(change)                                          \
	do {                                                             \
		header = good;                                           \
		change;                                                  \
		cr_assert_not_null(logtap_segment_check(&header, bytes), \
				   #change);                             \
	} while (0)
	METRICS_REFUSED(header.counters_bytes--);
	METRICS_REFUSED(header.counters_bytes = UINT32_MAX);
	METRICS_REFUSED(header.counters_offset += 8);
	METRICS_REFUSED(header.counters_offset -= 8);
	METRICS_REFUSED(header.counters_offset += 1);
	METRICS_REFUSED(header.counters_offset = 8);
	METRICS_REFUSED(header.counters_offset = UINT64_MAX - 7);
	METRICS_REFUSED(header.data_offset -= 8);
	/* Not where it would have to be mapped from afar. */
	METRICS_REFUSED(header.counters_offset += UINT64_C(1) << 20;
			header.data_offset += UINT64_C(1) << 20;
			header.segment_bytes = bytes += UINT64_C(1) << 20);
}

Test(segment, texts_of_the_copy_are_ended_whatever_the_host_wrote)
{
	memset(host.header->executable, 'x', sizeof(host.header->executable));
	memset(host.header->comm, 'x', sizeof(host.header->comm));
	host.header->environment_bytes = UINT32_MAX;
	cr_assert_eq(try_open(host.name), 0);
	cr_assert_eq(strlen(file.header.executable),
		     LOGTAP_EXECUTABLE_BYTES - 1);
	cr_assert_eq(strlen(file.header.comm), LOGTAP_COMM_BYTES - 1);
	cr_assert_leq(file.header.environment_bytes, LOGTAP_ENVIRONMENT_BYTES);
	logtap_segment_close(&file);
}

Test(segment, a_file_cut_short_reads_as_zeros_and_is_told)
{
	host_claim(&host, 0, 5, 0);
	cr_assert_eq(try_open(host.name), 0);
	cr_assert_not(logtap_segment_lost(&file));
	cr_assert_eq(truncate(host.path, LOGTAP_HEADER_BYTES), 0);
	cr_assert_eq(logtap_segment_slot(&file, 0)->tid, 0);
	cr_assert(logtap_segment_lost(&file));
	atomic_store(&logtap_segment_slot(&file, 0)->main_tail, 1);
	logtap_segment_close(&file);
}

Test(segment, sinks_that_are_ready_do_not_change_any_more)
{
	cr_assert_eq(try_open(host.name), 0);
	host.header->sinks[0].kind = LOGTAP_SINK_JOURNAL;
	host.header->sinks[1].kind = LOGTAP_SINK_SYSLOG;
	atomic_store(&host.header->sinks[1].state, LOGTAP_SINK_READY);
	cr_assert_eq(logtap_segment_read_sinks(&file), 0);
	cr_assert_eq(file.header.sinks[0].kind, LOGTAP_SINK_STDERR);
	cr_assert_eq(file.header.sinks[1].kind, LOGTAP_SINK_SYSLOG);
	logtap_segment_close(&file);
}
