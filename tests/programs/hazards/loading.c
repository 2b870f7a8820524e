/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries that come and go, and log when they do. */
#include "hazard.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* hazard dlopen LIBRARY COUNT */
static int open_and_close(char **arguments)
{
	long count = strtol(arguments[1], NULL, 10);

	for (long i = 0; i < count; i++) {
		void *handle = dlopen(arguments[0], RTLD_NOW);
		if (!handle) {
			fprintf(stderr, "%s\n", dlerror());
			return 3;
		}
		void (*log)(long) = (void (*)(long))dlsym(handle, "plugin_log");
		log(i);
		dlclose(handle);
		say("closed", i);
	}
	return 0;
}

const struct hazard loading[] = {
	{"dlopen", open_and_close},
	{0},
};
