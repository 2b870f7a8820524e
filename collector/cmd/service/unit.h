/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * logtap service: units as files, and what they mean for capture.  Main thread.
 */
#ifndef LOGTAP_CMD_SERVICE_UNIT_H
#define LOGTAP_CMD_SERVICE_UNIT_H

#include <stdbool.h>
#include <stddef.h>

enum { LOGTAP_UNIT_NAME_BYTES = 256 }; /* systemd's own limit */

/* The unit that @typed stands for ("nginx", "nginx.service", "getty@tty1") in
 * @name.  Return: NULL, or why it is no service.  Pure. */
const char *logtap_unit_name(const char *typed,
			     char name[LOGTAP_UNIT_NAME_BYTES]);
/* Of an instance, "getty@.service" in @out; false: it is none.  Pure. */
bool logtap_unit_template(const char *name, char out[LOGTAP_UNIT_NAME_BYTES]);

/* The settings of [Service], in order; an empty one has removed those of its key
 * before it. */
struct logtap_unit {
	struct logtap_unit_setting {
		char *text; /* owned: "KEY\0VALUE" */
		const char *value;
	} * items;
	size_t count;
};

/* Adds those in @text, of a unit or a drop-in.  Return: 0 or -ENOMEM.  Pure. */
int logtap_unit_parse(struct logtap_unit *unit, const char *text);
/* The next of that key at or behind *@at, which moves on; NULL: no more. */
const char *logtap_unit_next(const struct logtap_unit *unit, const char *key,
			     size_t *at);
/* The last of that key; "": none. */
const char *logtap_unit_get(const struct logtap_unit *unit, const char *key);
/* Does @text (of Environment= or an environment file) have NAME=...?  Pure. */
bool logtap_unit_assigns(const char *text, const char *name);
void logtap_unit_deinit(struct logtap_unit *unit);

enum { LOGTAP_UNIT_MASKED = 1 };

/**
 * logtap_unit_load() - read a unit and its drop-ins, but for logtap's
 * @root: "": this machine's; no link leads out of it
 * @name: becomes the unit's own name if it was an alias
 *
 * Return: 0, LOGTAP_UNIT_MASKED, or -errno; -ENOENT: no such unit.
 */
int logtap_unit_load(const char *root, char name[LOGTAP_UNIT_NAME_BYTES],
		     struct logtap_unit *unit);

/* open(2) of an absolute path below @root.  Return: a descriptor or -errno. */
int logtap_unit_open(const char *root, const char *path, int flags);
/* All of a regular file, to be freed.  Closes @fd.  Return: 0 or -errno. */
int logtap_unit_read(int fd, char **text);

/* Something that would be in the way of capture, and what to do. */
typedef void logtap_unit_hindrance_fn(void *context, const char *why,
				      const char *next);

/* @library: the file that will be preloaded, as it is named below @root. */
void logtap_unit_check(const struct logtap_unit *unit, const char *root,
		       const char *library, logtap_unit_hindrance_fn *say,
		       void *context);

#endif
