/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What hooks of descriptors share.
 */
#ifndef LOGTAP_HOOK_DESCRIPTOR_H
#define LOGTAP_HOOK_DESCRIPTOR_H

/* fcntl(2) by the function @next, and what it makes of @fd. */
int logtap_fcntl_through(void *next, int fd, int command, void *argument);

#endif
