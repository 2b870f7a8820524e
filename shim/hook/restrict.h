/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A host that gives up rights: from then on logtap makes no system call and,
 * where the time stamp counter becomes forbidden, does not read it.
 */
#ifndef LOGTAP_HOOK_RESTRICT_H
#define LOGTAP_HOOK_RESTRICT_H

/* Before the call: it is too late after it.  Erring on this side costs a
 * coarser clock and rings that do not grow. */
void logtap_restrict_before_prctl(int option, unsigned long argument);
void logtap_restrict_before_seccomp(unsigned operation);

#endif
