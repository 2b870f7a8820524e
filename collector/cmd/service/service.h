/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * logtap service: what its parts share.  Main thread.
 */
#ifndef LOGTAP_CMD_SERVICE_SERVICE_H
#define LOGTAP_CMD_SERVICE_SERVICE_H

#include "unit.h"

#include <limits.h>
#include <stdbool.h>

#define LOGTAP_SERVICE_COLLECTOR "logtap.service"

struct logtap_service {
	const char *root; /* "": this machine */
	bool dry;
	bool restart;
	bool live;		/* systemd runs, and is to be told */
	bool changed;		/* it must read its files again */
	char library[PATH_MAX]; /* as named below root */
	char *text;		/* of the drop-in; owned */
};

/* The drop-in of one unit; @name becomes its own if it was an alias.  Return: exit
 * status, after an error that was printed. */
int logtap_service_enable(struct logtap_service *service,
			  char name[LOGTAP_UNIT_NAME_BYTES]);
int logtap_service_disable(struct logtap_service *service,
			   char name[LOGTAP_UNIT_NAME_BYTES]);

/* Prints an error.  Return: the exit status for it. */
int logtap_service_fail(const char *where, const char *why, const char *next);

#endif
