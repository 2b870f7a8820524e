/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The drop-in that captures a service: its text, and its file.
 */
#ifndef LOGTAP_CMD_SERVICE_DROPIN_H
#define LOGTAP_CMD_SERVICE_DROPIN_H

#include <stdbool.h>

#define LOGTAP_DROPIN_FOLDER "/etc/systemd/system"
#define LOGTAP_DROPIN_NAME "logtap.conf"

/* The text, to be freed; NULL with errno: EINVAL if a unit file, or LD_PRELOAD
 * in it, cannot have such a path.  Pure. */
char *logtap_dropin_text(const char *library);
/* Is @text one that logtap_dropin_text() made?  Pure. */
bool logtap_dropin_is_ours(const char *text);

/*
 * Below @root ("": this machine), of the unit @name; no link leads elsewhere.
 * Each returns 0 or -errno.
 */

/* @text: to be freed.  -EEXIST: there is one, and it is not ours. */
int logtap_dropin_read(const char *root, const char *name, char **text);
/* Whole or not at all. */
int logtap_dropin_write(const char *root, const char *name, const char *text);
/* And its folder, if that is empty then. */
int logtap_dropin_remove(const char *root, const char *name);

#endif
