/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* User metrics of a segment: of what a host wrote there, which is believed. */
#include "../../../collector/intake/guard.h"
#include "fixture.h"

#include <logtap/abi/metric.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SHARED_ROW = 0 }; /* of a segment without slots */

enum { AREA_BYTES = LOGTAP_METRIC_ROW_BYTES + LOGTAP_METRICS * 88 };

static unsigned char *area; /* of a file, as a host's is */
static int area_fd;
static struct logtap_intake intake;
static struct logtap_intake_segment segment;
static struct logtap_account account = {.pid = 7, .start_ticks = 1};
static struct logtap_user_metrics_snapshot snapshot;

static void begin(void)
{
	area_fd = memfd_create("metrics", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(area_fd, AREA_BYTES), 0);
	area = mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		    area_fd, 0);
	cr_assert_neq(area, MAP_FAILED);
	cr_assert_eq(logtap_guard_install(), 0);
	segment.file.guard = logtap_guard_add(area, AREA_BYTES);
	intake.metrics = logtap_user_metrics_new();
	segment.file.metrics = area;
	segment.account = &account;
}

static void end(void)
{
	logtap_user_metrics_snapshot_deinit(&snapshot);
	logtap_metrics_end_segment(&intake, &segment);
	logtap_user_metrics_free(intake.metrics);
	logtap_guard_remove(segment.file.guard);
	munmap(area, AREA_BYTES);
	close(area_fd);
}

TestSuite(metrics, .init = begin, .fini = end);

static struct logtap_metric_definition *define(unsigned index, uint32_t kind,
					       const char *name,
					       const char *unit)
{
	struct logtap_metric_definition *at =
		logtap_segment_metric(&segment.file, index);

	at->kind = kind;
	memcpy(at->name, name, strnlen(name, sizeof(at->name)));
	memcpy(at->unit, unit, strnlen(unit, sizeof(at->unit)));
	atomic_store(&at->state, LOGTAP_METRIC_READY);
	return at;
}

static void set(unsigned index, uint64_t value)
{
	memcpy(area + SHARED_ROW * LOGTAP_METRIC_ROW_BYTES + 8 * index, &value,
	       sizeof(value));
}

/* How many metrics there are after a look at those whose bits are @used. */
static size_t look(uint64_t used)
{
	logtap_metrics_read_shared(&intake, &segment, used);
	logtap_user_metrics_snapshot_deinit(&snapshot);
	cr_assert_eq(logtap_user_metrics_snapshot(intake.metrics, &snapshot),
		     0);
	return snapshot.metric_count;
}

Test(metrics, what_a_host_defined_is_counted)
{
	define(0, LOGTAP_METRIC_COUNTER, "requests.sent-2/x_y", "{request}");
	define(63, LOGTAP_METRIC_GAUGE, "z", "");
	set(0, 5);
	set(63, (uint64_t)-3);
	cr_assert_eq(look(1ull << 63 | 1), 2);
	cr_assert_str_eq(snapshot.metrics[0].name, "requests.sent-2/x_y");
	cr_assert_eq(snapshot.metrics[0].total, 5);
	cr_assert_eq((int64_t)snapshot.metrics[1].total, -3);
	/* a bit that is gone again hides nothing */
	set(0, 6);
	look(1ull << 63);
	cr_assert_eq(snapshot.metrics[0].total, 6);
}

Test(metrics, one_that_is_not_ready_waits)
{
	struct logtap_metric_definition *at =
		define(3, LOGTAP_METRIC_COUNTER, "a", "By");

	set(3, 1);
	atomic_store(&at->state, LOGTAP_METRIC_WRITING);
	cr_assert_eq(look(1 << 3), 0);
	atomic_store(&at->state, 77);
	cr_assert_eq(look(1 << 3), 0);
	atomic_store(&at->state, LOGTAP_METRIC_READY);
	cr_assert_eq(look(1 << 3), 1);
}

Test(metrics, what_the_library_would_not_write_is_not_believed)
{
	const char *const names[] = {"", "1a", "a b", "a\n", "a\"", "\xc3\xa9"};

	for (unsigned i = 0; i < 6; i++)
		define(i, LOGTAP_METRIC_COUNTER, names[i], "By");
	define(6, 0, "kind", "By");
	define(7, 3, "kind", "By");
	define(8, LOGTAP_METRIC_GAUGE, "unit", "B\x1b[m");
	cr_assert_eq(look((1 << 9) - 1), 0);
}

Test(metrics, a_text_without_an_end_gets_one)
{
	char name[LOGTAP_METRIC_NAME_BYTES + 1], unit[17];

	memset(name, 'n', sizeof(name));
	memset(unit, 'u', sizeof(unit));
	name[sizeof(name) - 1] = unit[sizeof(unit) - 1] = 0;
	define(0, LOGTAP_METRIC_COUNTER, name, unit);
	cr_assert_eq(look(1), 1);
	cr_assert_eq(strlen(snapshot.metrics[0].name),
		     LOGTAP_METRIC_NAME_BYTES - 1);
	cr_assert_eq(strlen(snapshot.metrics[0].unit),
		     LOGTAP_METRIC_UNIT_BYTES - 1);
}

Test(metrics, a_definition_is_read_once)
{
	struct logtap_metric_definition *at =
		define(0, LOGTAP_METRIC_COUNTER, "first", "By");

	set(0, 1);
	cr_assert_eq(look(1), 1);
	strcpy(at->name, "other");
	set(0, 2);
	cr_assert_eq(look(1), 1);
	cr_assert_str_eq(snapshot.metrics[0].name, "first");
	cr_assert_eq(snapshot.metrics[0].total, 2);
}

Test(metrics, a_segment_that_was_cut_short_takes_nothing_back)
{
	define(0, LOGTAP_METRIC_GAUGE, "a", "By");
	set(0, 7);
	cr_assert_eq(look(1), 1);
	/* the row then reads as zeros */
	cr_assert_eq(ftruncate(area_fd, 0), 0);
	cr_assert_eq(look(1), 1);
	cr_assert_eq(snapshot.metrics[0].total, 7);
}

Test(metrics, a_segment_without_a_place_for_them_has_none)
{
	segment.file.metrics = NULL;
	cr_assert_eq(look(1), 0);
}
