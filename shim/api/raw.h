/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The raw sink: one line of text on standard error, uncaptured.
 */
#ifndef LOGTAP_API_RAW_H
#define LOGTAP_API_RAW_H

#include "api.h"

void logtap_raw_write(const struct logtap_event_view *event);

#endif
