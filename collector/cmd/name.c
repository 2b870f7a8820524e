/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Names for people: see the header. */
#include "name.h"

#include <pwd.h>
#include <stddef.h>
#include <stdio.h>

const char *logtap_name_shown(const char *name, char out[LOGTAP_NAME_BYTES])
{
	size_t size = 0;

	for (; name && *name && size < LOGTAP_NAME_BYTES - 1; name++)
		out[size++] = *name >= ' ' && *name <= '~' ? *name : '?';
	out[size] = '\0';
	return size ? out : "?";
}

const char *logtap_user_shown(uid_t uid, char out[LOGTAP_NAME_BYTES])
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		return logtap_name_shown(user->pw_name, out);
	snprintf(out, LOGTAP_NAME_BYTES, "%u", (unsigned)uid);
	return out;
}
