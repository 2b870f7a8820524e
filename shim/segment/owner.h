/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Whose the process is, where that has changed since its image began.
 */
#ifndef LOGTAP_SEGMENT_OWNER_H
#define LOGTAP_SEGMENT_OWNER_H

#include "../guard/tls.h"

/* What this process says from now on is @uid's: in each of its slots, and in
 * those that it will have.  Makes no call; any thread. */
void logtap_owner_become(const struct logtap_tls *tls, uint32_t uid);

/* The same of a child that has no slot of its own yet. */
void logtap_owner_note(uint32_t uid);

#endif
