/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The span that a thread is in, as its chunks carry it.
 */
#ifndef LOGTAP_SPAN_ITEM_H
#define LOGTAP_SPAN_ITEM_H

#include "../guard/tls.h"

#define LOGTAP_TRACE_ITEM_BYTES 32

/* Writes the extension item of the current span to @to (of
 * LOGTAP_TRACE_ITEM_BYTES).  Return: its bytes, 0 if there is no span. */
uint16_t logtap_span_item(const struct logtap_tls *tls, void *to);

/* Reads TRACEPARENT of the environment, in the constructor. */
void logtap_span_init(char **envp);

#endif
