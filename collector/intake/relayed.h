/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Segments of a relay: what is in them was said by the program whose standard
 * error it copies.  The pipeline's thread.
 */
#ifndef LOGTAP_INTAKE_RELAYED_H
#define LOGTAP_INTAKE_RELAYED_H

#include "../shape/source.h"

/* If @process speaks for another (LOGTAP_FOR=PID:START:EXECUTABLE in its
 * environment) it becomes that one.  Return: whether it does. */
bool logtap_relayed_process(struct logtap_process *process);

#endif
