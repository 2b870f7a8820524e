/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Threads that are telemetry's own by configuration: by their name
 * (LOGTAP_INTERNAL_THREADS) or by the library that holds their start routine
 * (LOGTAP_INTERNAL_LIBRARIES); lists of patterns as in fd/glob.h.
 */
#ifndef LOGTAP_GUARD_INTERNAL_H
#define LOGTAP_GUARD_INTERNAL_H

#include "tls.h"

/* In the constructor; NULL: not set. */
void logtap_internal_init(const char *threads, const char *libraries);

/* The calling thread begins: its start routine and its name are known. */
void logtap_internal_begin(struct logtap_tls *tls);

/* @tls's thread, which may be another one, is called @name from now on. */
void logtap_internal_name(struct logtap_tls *tls, const char *name);
/* The calling thread is, which its slot says as well. */
void logtap_internal_rename(struct logtap_tls *tls, const char *name);

#endif
