/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Resources of processes: which is found for a process, and how many are kept. */
#include "../../../collector/registry/resources.h"
#include "../export/fixture.h"

#include <criterion/criterion.h>

enum { KEPT = 1024 };

static struct logtap_resources *resources;

static void begin(void)
{
	resources = logtap_resources_new();
}

static void end(void)
{
	logtap_resources_free(resources);
}

TestSuite(resources, .init = begin, .fini = end);

/* Notes a batch with one record of a process.  Return: its resource, which
 * nobody need hold any more, for comparison. */
static const struct logtap_resource *note(uint32_t pid, uint64_t start_ticks)
{
	struct logtap_resource *resource = fixture_resource(pid);
	struct logtap_source *source = fixture_source(resource, pid);
	struct logtap_record record = {.source = source, .body = ""};

	resource->start_ticks = start_ticks;
	struct logtap_batch *batch = fixture_batch(&record, 1);
	logtap_resources_note(resources, batch);
	logtap_batch_unref(batch);
	logtap_source_unref(source);
	logtap_resource_unref(resource);
	return resource;
}

static const struct logtap_resource *find(uint32_t pid, uint64_t start_ticks)
{
	struct logtap_resource *found =
		logtap_resources_find(resources, pid, start_ticks);

	logtap_resource_unref(found);
	return found;
}

Test(resources, one_is_found_by_pid_and_start)
{
	const struct logtap_resource *first = note(7, 100);
	const struct logtap_resource *second = note(7, 200);

	cr_assert_eq(find(7, 100), first);
	cr_assert_eq(find(7, 200), second);
	cr_assert_null(find(7, 300));
	cr_assert_null(find(8, 100));
}

Test(resources, a_process_that_executed_another_program_has_the_last)
{
	note(7, 100);
	const struct logtap_resource *now = note(7, 100);

	cr_assert_eq(find(7, 100), now);
}

Test(resources, the_oldest_makes_room)
{
	for (uint32_t i = 0; i < KEPT; i++)
		note(1 + i, 5);
	cr_assert_not_null(find(1, 5));
	note(1 + KEPT, 5);
	cr_assert_null(find(1, 5));
	cr_assert_not_null(find(2, 5));
	cr_assert_not_null(find(1 + KEPT, 5));
}
