/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who this process is, for the headers of its segments.
 */
#ifndef LOGTAP_SHIM_IDENTITY_H
#define LOGTAP_SHIM_IDENTITY_H

#include "state.h"

/* In the constructor.  @filtered: a seccomp filter is in force, so only files
 * that any program opens are read. */
void logtap_identity_init(char **envp);

#endif
