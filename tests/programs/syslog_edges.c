/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The corners of syslog(3): what is none of a priority, a facility, a mask, an
 * identity; and printf conversions of the program's own.
 */
#include <errno.h>
#include <printf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static unsigned conversions;

static int print_pair(FILE *stream, const struct printf_info *info,
		      const void *const *arguments)
{
	const int *pair = *(const int *const *)arguments[0];

	(void)info;
	conversions++;
	return fprintf(stream, "<%d,%d>", pair[0], pair[1]);
}

static int pair_arguments(const struct printf_info *info, size_t count,
			  int *types, int *sizes)
{
	(void)info;
	if (count) {
		types[0] = PA_POINTER;
		sizes[0] = sizeof(void *);
	}
	return 1;
}

static void own_conversions(void)
{
	int pair[2] = {3, 4};
	char format[] = "a pair %W";
	char long_format[] = "%W %1500d end";

	register_printf_specifier('W', print_pair, pair_arguments);
	syslog(LOG_INFO, format, pair);
	setlogmask(LOG_UPTO(LOG_ERR));
	syslog(LOG_INFO, format, pair);
	setlogmask(0xff);
	printf("converted %u times\n", conversions);
	/* libc itself converts what is longer than its buffer again */
	syslog(LOG_INFO, long_format, pair, 7);
}

int main(void)
{
	openlog("kern", 0, LOG_KERN);
	syslog(LOG_INFO, "opened for facility 0");
	openlog("mail", 0, LOG_MAIL);
	syslog(LOG_INFO, "opened for mail");
	openlog(NULL, 0, 0);
	syslog(LOG_INFO, "opened without ident for facility 0");
	openlog("wrong", 0, 1 << 20);
	syslog(LOG_INFO, "opened for no facility");
	syslog(LOG_INFO | 1 << 20, "bits that mean nothing");
	syslog(LOG_LOCAL7 | LOG_DEBUG, "local7 debug");
	printf("mask %x\n", (unsigned)setlogmask(0));
	printf("mask %x\n", (unsigned)setlogmask(LOG_MASK(LOG_CRIT)));
	syslog(LOG_INFO, "masked");
	syslog(LOG_CRIT, "critical alone");
	printf("mask %x\n", (unsigned)setlogmask(0));
	setlogmask(0xff);
	closelog();
	syslog(LOG_INFO, "closed: the program's name");
	openlog("", 0, LOG_USER);
	syslog(LOG_INFO, "an empty ident");
	openlog("an-ident-that-is-longer-than-sixty-four-characters,-which-is-"
		"what-is-kept-of-it",
		0, LOG_USER);
	syslog(LOG_INFO, "a long ident");
	openlog("edges", 0, LOG_USER);
	char nothing[] = "";
	syslog(LOG_INFO, nothing, 0);
	syslog(LOG_INFO, "two\nlines");
	syslog(LOG_INFO, "a line feed\n");
	errno = EPERM;
	syslog(LOG_INFO, "%m %s %m", strerror(ENOENT));
	printf("errno %d\n", errno);
	own_conversions();
	return 0;
}
