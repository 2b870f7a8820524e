/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* openlog(3) as musl has it: the beginning of the identification is copied, no
 * program's name stands in for it, and closelog(3) forgets nothing. */
#include "../../bytes.h"
#include "../../hook/syslog.h"
#include "../../real.h"

#include <stdatomic.h>

#define IDENT_BYTES 32

/* Only the last byte must never be anything but NUL: two threads that set it at
 * once get what libc makes of that, too. */
static char ident[IDENT_BYTES];
static _Atomic int options;
static _Atomic int facility = LOG_USER;

struct logtap_syslog_settings logtap_syslog_settings(void)
{
	return (struct logtap_syslog_settings){
		.ident = ident,
		.options = atomic_load(&options),
		.facility = atomic_load(&facility),
	};
}

void logtap_on_openlog(const char *name, int option, int facility_given)
{
	logtap_bytes_string(ident, sizeof ident, name ? name : "");
	atomic_store(&options, option);
	atomic_store(&facility, facility_given);
	logtap_real.openlog(name, option, facility_given);
}

void logtap_on_closelog(void)
{
	logtap_real.closelog();
}
