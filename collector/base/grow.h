/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Arrays that grow by doubling.
 */
#ifndef LOGTAP_BASE_GROW_H
#define LOGTAP_BASE_GROW_H

#include <stddef.h>

/**
 * logtap_grown() - room for one more item
 * @items: the array, from malloc; NULL while @room is 0
 * @count: items in it
 * @room:  items that fit; becomes what fits now
 * @item_bytes: of one
 * @first: @room of an array that had none
 *
 * Return: the array, which may have moved; or NULL without memory: @items and
 *         @room are as before.
 */
void *logtap_grown(void *items, size_t count, size_t *room, size_t item_bytes,
		   size_t first);

#endif
