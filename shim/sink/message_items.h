/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a chunk says of a message besides its text: its span, who logs, how.
 * Calls nothing outside of the library; safe in a signal handler.
 */
#ifndef LOGTAP_SINK_MESSAGE_ITEMS_H
#define LOGTAP_SINK_MESSAGE_ITEMS_H

#include "../span/item.h"
#include "message.h"

#define LOGTAP_IDENT_BYTES_MAX 64

/* Most bytes of a message's items with that of a piece, and what may be
 * overwritten behind them. */
#define LOGTAP_ITEMS_BYTES_MAX                                        \
	(LOGTAP_TRACE_ITEM_BYTES + (4 + LOGTAP_IDENT_BYTES_MAX) + 8 + \
	 LOGTAP_PIECE_ITEM_BYTES + 4)

/* One item at @at, @size a multiple of 4.  Return: the place behind it. */
unsigned char *logtap_item_put(unsigned char *at, uint16_t type,
			       const void *value, uint16_t size);

/* The items of @message at @to.  Return: their bytes. */
uint16_t logtap_items_put(const struct logtap_tls *tls,
			  const struct logtap_message *message,
			  unsigned char *to);

#endif
