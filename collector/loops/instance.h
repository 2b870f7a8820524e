/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The name by which a collector knows what it has sent when that comes back:
 * "logtap-" and 16 hexadecimal digits, random for each collector, so that it
 * can be found in any text, however it was quoted on the way.  Any thread.
 */
#ifndef LOGTAP_LOOPS_INSTANCE_H
#define LOGTAP_LOOPS_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOGTAP_INSTANCE_BYTES = 7 + 16 };

/* With a NUL behind. */
void logtap_instance_make(char id[LOGTAP_INSTANCE_BYTES + 1]);

/* What one name in a text says. */
struct logtap_instance_mention {
	char id[LOGTAP_INSTANCE_BYTES + 1];
	uint64_t batch;		 /* ".N" behind it; 0: none */
	uint32_t hop;		 /* "+N" behind that; 0: none */
	const char *start, *end; /* of all that, in the text */
};

/* Looks for the first name in @text.  Return: false if there is none. */
bool logtap_instance_find(const char *text, size_t bytes,
			  struct logtap_instance_mention *out);

#endif
