/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Programs that the library leaves alone.  Any thread.
 */
#ifndef LOGTAP_RUN_LEFT_ALONE_H
#define LOGTAP_RUN_LEFT_ALONE_H

#include "target.h"
#include "variables.h"

/* Why the library stays inert in @target although nobody asked for that, as
 * text to be shown; NULL if it does not. */
const char *logtap_target_left_alone(const struct logtap_target *target,
				     const struct logtap_variables *variables);

#endif
