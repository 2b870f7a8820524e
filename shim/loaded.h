/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the loader has loaded, and where.  Each call waits for its lock: not in a
 * handler, and not after a fork that may have left it held.
 */
#ifndef LOGTAP_SHIM_LOADED_H
#define LOGTAP_SHIM_LOADED_H

#include "object.h"

#include <stdbool.h>

/* How many objects were ever loaded. */
uint64_t logtap_loaded_ever(void);

/* Where the objects lie whose path is @wanted, at most @most of them.  Return:
 * how many. */
uint32_t logtap_loaded_spans(bool (*wanted)(const char *path),
			     struct logtap_object_span *out, uint32_t most);

/* The pages around @address that the loader makes read-only once it has relocated
 * them; zeros if it does not. */
struct logtap_object_span logtap_loaded_relro(const void *address);

#endif
