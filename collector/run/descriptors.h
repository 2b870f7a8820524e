/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * File descriptors around fork and exec.
 */
#ifndef LOGTAP_RUN_DESCRIPTORS_H
#define LOGTAP_RUN_DESCRIPTORS_H

/* Closes @first and all above. */
void logtap_descriptors_close_from(int first);

/* Occupies 0, 1 and 2 where they are closed, until exec: a descriptor of our
 * own must not get such a number and receive a message.  Return: bit N: N was
 * closed. */
unsigned logtap_descriptors_hold_standard(void);

#endif
