/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The process that made a segment, as a journal tells it.  Pure; any thread.
 */
#ifndef LOGTAP_INTAKE_CREATOR_H
#define LOGTAP_INTAKE_CREATOR_H

#include "../shape/source.h"
#include "frame.h"

/* @creator: of zeros.  @texts: what follows @intro in the frame, up to @end. */
void logtap_creator_read(struct logtap_process *creator,
			 const struct logtap_frame_segment *intro,
			 const unsigned char *texts, const unsigned char *end);

#endif
