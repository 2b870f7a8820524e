/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* openlog(3) as glibc has it: the identification stays the host's memory and is
 * read at each message, and closelog(3) forgets it. */
#include "../../hook/syslog.h"
#include "../../real.h"

#include <stdatomic.h>

static struct {
	const char *_Atomic ident;
	_Atomic int options;
	_Atomic int facility;
} settings = {.facility = LOG_USER};

struct logtap_syslog_settings logtap_syslog_settings(void)
{
	return (struct logtap_syslog_settings){
		.ident = atomic_load(&settings.ident),
		.options = atomic_load(&settings.options),
		.facility = atomic_load(&settings.facility),
	};
}

void logtap_on_openlog(const char *ident, int option, int facility)
{
	if (ident)
		atomic_store(&settings.ident, ident);
	atomic_store(&settings.options, option);
	if ((facility & ~LOG_FACMASK) == 0)
		atomic_store(&settings.facility, facility);
	logtap_real.openlog(ident, option, facility);
}

void logtap_on_closelog(void)
{
	atomic_store(&settings.ident, NULL);
	logtap_real.closelog();
}
