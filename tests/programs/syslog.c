/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Messages through the syslog family, as Debian's daemons are built: with
 * _FORTIFY_SOURCE the calls become __syslog_chk and __vsyslog_chk.
 *
 *     syslog [perror]     perror: LOG_PERROR
 *
 * The messages, as they should be captured, go to stdout.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static void variadic(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsyslog(priority, format, arguments);
	va_end(arguments);
}

int main(int argc, char **argv)
{
	char ident[] = "first-ident";
	char big[5001];

	(void)argv;
	syslog(LOG_INFO, "before openlog");
	openlog(ident, LOG_PID | LOG_NDELAY | (argc > 1 ? LOG_PERROR : 0),
		LOG_DAEMON);
	for (int severity = LOG_EMERG; severity <= LOG_DEBUG; severity++)
		if (severity != LOG_EMERG) /* would reach all terminals */
			syslog(severity, "severity %d of pid %d", severity,
			       getpid());
	syslog(LOG_LOCAL3 | LOG_WARNING, "facility local3");
	variadic(LOG_ERR, "vsyslog %s %d", "text", 42);
	errno = ENOENT;
	syslog(LOG_ERR, "opening: %m (100%%)");
	errno = EACCES;
	syslog(LOG_NOTICE, "with a line feed\n");
	printf("errno %d\n", errno);
	memcpy(ident, "other-ident", sizeof(ident));
	syslog(LOG_INFO, "ident edited in place");
	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	syslog(LOG_INFO, "%s", big);
	int before = setlogmask(LOG_UPTO(LOG_WARNING));
	syslog(LOG_INFO, "masked: never sent, never captured");
	setlogmask(before);
	closelog();
	syslog(LOG_INFO, "after closelog");
	return 7;
}
