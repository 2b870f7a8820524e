/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A terminal that a command draws on over and over, and that is as it was when
 * the command ends, is stopped, or is killed by a signal that can be caught.
 * Main thread; one at a time.
 */
#ifndef LOGTAP_CMD_SCREEN_H
#define LOGTAP_CMD_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

enum logtap_screen_event {
	LOGTAP_SCREEN_TIME,  /* the time is over */
	LOGTAP_SCREEN_DRAW,  /* its size is another, or it is back */
	LOGTAP_SCREEN_LEAVE, /* the person or a signal wants it */
};

/* Return: false if standard input or output is no terminal: nothing was done. */
bool logtap_screen_open(void);
void logtap_screen_close(void);
/* The number of a signal that ended it, or 0. */
int logtap_screen_signal(void);

/* Rows and columns; what cannot be found out is 24 and 80. */
void logtap_screen_size(int *rows, int *columns);
/* From here on output goes to an empty screen. */
void logtap_screen_begin(void);
/* Waits until @until_ns of CLOCK_MONOTONIC for something to happen. */
enum logtap_screen_event logtap_screen_wait(uint64_t until_ns);

#endif
