/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A library that logs when it is loaded, used and unloaded. */
#include <stdio.h>
#include <unistd.h>

void plugin_log(long number);

__attribute__((constructor)) static void load(void)
{
	fprintf(stderr, "plugin loaded\n");
}

void plugin_log(long number)
{
	dprintf(2, "plugin logs %ld\n", number);
}

__attribute__((destructor)) static void unload(void)
{
	static const char line[] = "plugin unloaded\n";
	if (write(2, line, sizeof(line) - 1) < 0)
		_exit(6);
}
