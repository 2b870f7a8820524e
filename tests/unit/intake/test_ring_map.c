/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which rings are mapped and for how long, and what becomes of a mapping whose
 * file is cut short. */
#include "../../../collector/intake/guard.h"
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RING = 64 << 10, FILE_RINGS = LOGTAP_RING_MAPS + 8 };
#define AFTER LOGTAP_RING_MAP_AFTER_BYTES
#define REST LOGTAP_RING_MAP_REST_NS

static struct logtap_segment_file file;
static struct logtap_ring_maps maps;
static struct logtap_ring_use use;

static void setup(void)
{
	cr_assert_eq(logtap_guard_install(), 0);
	file.fd = memfd_create("rings", MFD_CLOEXEC);
	cr_assert_eq(posix_fallocate(file.fd, 0, RING * FILE_RINGS), 0);
}

static void teardown(void)
{
	logtap_ring_maps_forget(&maps, &file);
	close(file.fd);
}

TestSuite(ring_map, .init = setup, .fini = teardown);

static void read_some(uint64_t bytes)
{
	logtap_ring_maps_read(&maps, &file, 0, RING, &use, bytes, 0);
}

static const struct logtap_ring_map *find(uint64_t now_ns)
{
	return logtap_ring_maps_find(&maps, &file, 0, &use, now_ns);
}

static unsigned mappings(void)
{
	return mappings_of("memfd:rings");
}

Test(ring_map, a_ring_is_mapped_when_much_of_it_was_read)
{
	cr_assert_null(find(0));
	read_some(AFTER - 8);
	cr_assert_null(find(0));
	cr_assert_eq(mappings(), 0);
	read_some(8);
	cr_assert_not_null(find(0));
	cr_assert_eq(mappings(), 1);
	cr_assert_eq(maps.bytes, RING);
}

Test(ring_map, a_ring_that_rests_is_unmapped)
{
	read_some(AFTER);
	cr_assert_not_null(find(REST));
	logtap_ring_maps_trim(&maps, 2 * REST - 1);
	cr_assert_not_null(find(REST));
	logtap_ring_maps_trim(&maps, 2 * REST);
	cr_assert_null(find(REST));
	cr_assert_eq(mappings(), 0);
	cr_assert_eq(maps.bytes, 0);
	read_some(AFTER);
	cr_assert_not_null(find(REST));
}

Test(ring_map, the_next_thread_in_a_ring_has_its_mapping)
{
	read_some(AFTER);
	memset(&use, 0, sizeof(use));
	use.index = 7;
	cr_assert_null(find(0));
	read_some(AFTER);
	cr_assert_not_null(find(0));
	cr_assert_eq(mappings(), 1);
}

Test(ring_map, a_ring_is_copied_wherever_it_lies)
{
	enum { ODD = RING + 4096 + 8, CAPACITY = 8192 };
	unsigned char bytes[CAPACITY], copy[CAPACITY];
	for (int i = 0; i < CAPACITY; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 256);
	cr_assert_eq(pwrite(file.fd, bytes, CAPACITY, ODD), CAPACITY);
	logtap_ring_maps_read(&maps, &file, ODD, CAPACITY, &use, AFTER, 0);
	const struct logtap_ring_map *map =
		logtap_ring_maps_find(&maps, &file, ODD, &use, 0);
	cr_assert_not_null(map);
	cr_assert(logtap_ring_map_copy(map, copy, 0, CAPACITY));
	cr_assert_eq(memcmp(copy, bytes, CAPACITY), 0);
	cr_assert(logtap_ring_map_copy(map, copy, 4088, 16));
	cr_assert_eq(memcmp(copy, bytes + 4088, 16), 0);
}

Test(ring_map, no_more_are_mapped_than_there_is_room_for)
{
	for (unsigned i = 0; i < FILE_RINGS; i++) {
		struct logtap_ring_use other = {0};
		logtap_ring_maps_read(&maps, &file, i * RING, RING, &other,
				      AFTER, i);
		cr_assert_eq(logtap_ring_maps_find(&maps, &file, i * RING,
						   &other, i) != NULL,
			     i < LOGTAP_RING_MAPS, "%u", i);
	}
	cr_assert_leq(mappings(), LOGTAP_RING_MAPS);
	cr_assert_leq(maps.bytes, LOGTAP_RING_MAPS_BYTES);
	logtap_ring_maps_forget(&maps, &file);
	cr_assert_eq(mappings(), 0);
}

Test(ring_map, a_ring_larger_than_all_that_may_be_mapped_is_not)
{
	uint64_t much = 2 * LOGTAP_RING_MAPS_BYTES;
	cr_assert_eq(posix_fallocate(file.fd, 0, (off_t)much), 0);
	logtap_ring_maps_read(&maps, &file, 0, much, &use, AFTER, 0);
	cr_assert_null(find(0));
}

/* To read a hole through a mapping would make the reader pay for its pages. */
Test(ring_map, a_file_with_holes_is_not_mapped)
{
	cr_assert_eq(ftruncate(file.fd, RING * (FILE_RINGS + 1)), 0);
	read_some(AFTER);
	cr_assert_null(find(0));
}

Test(ring_map, a_file_that_gets_holes_later_is_unmapped_for_good)
{
	read_some(AFTER);
	cr_assert_not_null(find(REST));
	cr_assert_eq(fallocate(file.fd,
			       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			       4096),
		     0);
	logtap_ring_maps_trim(&maps, REST);
	cr_assert_null(find(REST));
	cr_assert_eq(mappings(), 0);
	cr_assert_eq(posix_fallocate(file.fd, 0, RING), 0);
	read_some(AFTER);
	cr_assert_null(find(REST));
}

Test(ring_map, a_copy_survives_a_file_that_is_cut_short)
{
	unsigned char copy[RING];
	read_some(AFTER);
	const struct logtap_ring_map *map = find(0);
	cr_assert(logtap_ring_map_copy(map, copy, 0, RING));
	cr_assert_eq(ftruncate(file.fd, 4096), 0);
	cr_assert_not(logtap_ring_map_copy(map, copy, 0, RING));
	/* Never believed again, not even where the file is still there. */
	cr_assert_not(logtap_ring_map_copy(map, copy, 0, 4096));
	cr_assert_null(find(0));
	cr_assert_eq(mappings(), 0);
	cr_assert_eq(posix_fallocate(file.fd, 0, RING * FILE_RINGS), 0);
	read_some(AFTER);
	cr_assert_null(find(0));
}

Test(ring_map, a_fault_in_a_mapping_that_was_given_back_is_not_ours,
     .signal = SIGBUS)
{
	read_some(AFTER);
	cr_assert_not_null(find(REST));
	logtap_ring_maps_trim(&maps, 3 * REST);
	volatile unsigned char *other =
		mmap(NULL, 4096, PROT_READ, MAP_SHARED, file.fd, 0);
	cr_assert_neq(other, MAP_FAILED);
	cr_assert_eq(ftruncate(file.fd, 0), 0);
	(void)*other;
}
