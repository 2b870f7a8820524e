/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The system logger of a program that no library can be loaded into: `logtap
 * run --deep' gives it a mount namespace of its own, in which a socket of the
 * relay is /dev/log.  The relay sends on what comes there, and it is captured
 * on the way.
 *
 * That takes root.  In a user namespace anybody could do it, but the program
 * would lose its supplementary groups, and set-user-ID programs their rights.
 */
#ifndef LOGTAP_RUN_DEEP_H
#define LOGTAP_RUN_DEEP_H

#include <stdbool.h>
#include <stddef.h>

/* In the directory of the session. */
#define LOGTAP_DEEP_SOCKET "log.sock"

/* Return: NULL, or why it cannot be done here, a constant. */
const char *logtap_deep_obstacle(void);
/* A socket for datagrams at @path, which anybody may write to.  Return: it, or
 * -errno. */
int logtap_deep_socket(const char *path);
/* In the process that will be the program, before it has threads: a mount
 * namespace of its own, and in it @path as /dev/log.  What is mounted outside
 * later is seen inside, but not the other way round.  Return: 0 or -errno. */
int logtap_deep_enter(const char *path);
/* Is anybody left who has the socket of the session @directory as /dev/log? */
bool logtap_deep_is_used(const char *directory);

#endif
