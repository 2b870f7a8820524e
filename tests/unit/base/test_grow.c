/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that grow: what is in them stays, also when there is no memory. */
#include "../../../collector/base/grow.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

Test(grow, items_stay_and_room_doubles)
{
	uint32_t *items = NULL;
	size_t room = 0;

	for (uint32_t i = 0; i < 1000; i++) {
		size_t before = room;
		items = logtap_grown(items, i, &room, sizeof(*items), 8);
		cr_assert_not_null(items);
		cr_assert_eq(room, i < before ? before
				   : before   ? 2 * before
					      : 8);
		items[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		cr_assert_eq(items[i], i);
	free(items);
}

Test(grow, without_memory_all_is_as_before)
{
	size_t room = 2;
	char *items = calloc(room, 1);

#ifndef __SANITIZE_ADDRESS__ /* it ends who asks for so much */
	cr_assert_null(logtap_grown(items, 2, &room, SIZE_MAX / 8, 8));
	cr_assert_eq(room, 2);
#endif
	items[1] = 'x';
	room = SIZE_MAX / 2 + 1;
	cr_assert_null(logtap_grown(items, room, &room, 1, 8));
	cr_assert_eq(room, SIZE_MAX / 2 + 1, "its double would be 0");
	free(items);
}
