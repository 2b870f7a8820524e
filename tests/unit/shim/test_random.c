/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers: none comes twice, in a forked child neither. */
#include "../../../shim/random.h"
#include "../../../shim/ring/clock.h"
#include "../../../shim/state.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void begin(void)
{
	logtap_clock_init(false);
}

TestSuite(random, .init = begin);

enum { NUMBERS = 20000 };

static uint64_t numbers[NUMBERS];

static int compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void expect_different(size_t count)
{
	qsort(numbers, count, sizeof(numbers[0]), compare);
	cr_assert_neq(numbers[0], 0);
	for (size_t i = 1; i < count; i++)
		cr_assert_neq(numbers[i], numbers[i - 1]);
}

Test(random, no_number_comes_twice)
{
	for (size_t i = 0; i < NUMBERS; i++)
		numbers[i] = logtap_random();
	expect_different(NUMBERS);
}

Test(random, a_forked_child_has_others)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	pid_t child = fork();
	logtap_state.identity.pid = (uint32_t)getpid();
	for (size_t i = 0; i < 64; i++)
		numbers[i] = logtap_random();
	if (!child) {
		ssize_t size = write(ends[1], numbers, 64 * sizeof(numbers[0]));
		_exit(size != 64 * sizeof(numbers[0]));
	}
	cr_assert_eq(read(ends[0], numbers + 64, 64 * sizeof(numbers[0])),
		     64 * sizeof(numbers[0]));
	cr_assert_eq(waitpid(child, NULL, 0), child);
	expect_different(128);
}

Test(random, bytes_are_filled_and_no_more)
{
	unsigned char bytes[32] = {0};

	logtap_random_put(bytes + 8, 16);
	for (size_t i = 0; i < 8; i++)
		cr_assert(!bytes[i] && !bytes[24 + i]);
	cr_assert_neq(memcmp(bytes + 8, bytes + 16, 8), 0);
}
