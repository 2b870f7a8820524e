/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The spans of this process, by reference count.
 */
#ifndef LOGTAP_SPAN_REGISTRY_H
#define LOGTAP_SPAN_REGISTRY_H

#include "../api/api.h"
#include "item.h"

/* A span with one reference; it holds one of @parent (0: none).  Return: 0
 * when the table is full. */
logtap_span logtap_registry_add(const char *name, logtap_span parent);
/* Return: false if there is no such span. */
bool logtap_registry_ref(logtap_span id);
bool logtap_registry_unref(logtap_span id);
bool logtap_registry_context(logtap_span id, struct logtap_span_context *out);
void logtap_registry_on_close(logtap_span_closed_function *function);

#endif
