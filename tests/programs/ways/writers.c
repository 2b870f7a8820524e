/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of libc that write to stderr themselves. */
#include "way.h"

#include <assert.h>
#include <err.h>
#include <fmtmsg.h>
#include <getopt.h>
#include <grp.h>
#include <mntent.h>
#include <netdb.h>
#include <pwd.h>
#include <shadow.h>
#include <signal.h>

#define FAILED(number, call)    \
	do {                    \
		errno = number; \
		call;           \
	} while (0)

WAY(perror, 0)
{
	FAILED(ENOENT, perror("perror"));
}

WAY(perror_null, 0)
{
	FAILED(EACCES, perror(NULL));
	perror("");
}

WAY(perror_unknown, 0)
{
	FAILED(9999, perror("perror_unknown"));
}

WAY(perror_oriented, 0)
{
	fputs("perror_oriented first\n", stderr);
	FAILED(EPERM, perror("perror_oriented"));
}

WAY(perror_percent, 0)
{
	FAILED(EPERM, perror("perror_percent %s%n%d"));
}

WAY(perror_buffered, 0)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	FAILED(EPERM, perror("perror_buffered"));
	fflush(stderr);
}

WAY(herror, 0)
{
	h_errno = HOST_NOT_FOUND;
	herror("herror");
	herror(NULL);
	h_errno = 77;
	herror("herror unknown");
	h_errno = 0;
	herror("herror success");
}

WAY(psignal, 0)
{
	psignal(SIGINT, "psignal");
	psignal(999, "psignal unknown");
	psignal(SIGHUP, NULL);
}

static void info(const char *text, int number, int code)
{
	siginfo_t about = {.si_signo = number, .si_code = code};

	about.si_pid = 12;
	about.si_uid = 34;
	psiginfo(&about, text);
}

WAY(psiginfo, 0)
{
	info("psiginfo", SIGTERM, SI_USER);
	info(NULL, SIGINT, 0);
}

WAY(psiginfo_codes, 0)
{
	static const int numbers[] = {SIGILL,  SIGFPE,	SIGSEGV, SIGBUS,
				      SIGTRAP, SIGCHLD, SIGPOLL, SIGUSR1,
				      0,       99};
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (int code = -8; code < 10; code++)
			info("psiginfo_codes", numbers[i], code);
	for (int number = 1; number < 66; number++)
		info("psiginfo_codes all", number, SI_QUEUE);
}

WAY(warn_family, 0)
{
	FAILED(ENOENT, warn("warn %d", 1));
	warnx("warnx %d", 2);
	FAILED(EPERM, warn(NULL));
	warnx(NULL);
}

WAY(err, WAY_MAIN)
{
	FAILED(EACCES, err(3, "err %d", 1));
}

WAY(errx, WAY_MAIN)
{
	errx(4, "errx %s", "text");
}

static void options(bool is_long, char *argument)
{
	static const struct option table[] = {{"alpha", 0, NULL, 'a'},
					      {"alps", 0, NULL, 'b'},
					      {"needs", 1, NULL, 'n'},
					      {NULL, 0, NULL, 0}};
	char name[] = "getopt";
	char *argv[] = {name, argument, NULL};

	optind = 0;
	if (is_long)
		getopt_long(2, argv, "ab:", table, NULL);
	else
		getopt(2, argv, "ab:");
}

static char option_x[] = "-x", option_b[] = "-b", long_al[] = "--al",
	    long_needs[] = "--needs", long_none[] = "--none",
	    long_extra[] = "--alpha=1";

WAY(getopt, WAY_MAIN)
{
	options(false, option_x);
	options(false, option_b);
}

WAY(getopt_long, WAY_MAIN)
{
	options(true, long_al);
	options(true, long_needs);
	options(true, long_none);
	options(true, long_extra);
}

static volatile int never;

WAY(assert, WAY_MAIN)
{
	assert(!"assert" && never);
}

WAY(assert_buffered, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("assert_buffered first\n", stderr);
	assert(never);
}

/* What the compiler puts at the end of a function whose stack was smashed. */
void __stack_chk_fail(void);

WAY(stack_smashing, WAY_MAIN)
{
	__stack_chk_fail();
}

/* gcc shall not see what is wrong with them. */
static void (*volatile release)(void *) = free;

WAY(free_invalid, WAY_MAIN | WAY_UNSEEN)
{
	char *text = malloc(64);
	release(text + 8);
}

WAY(double_free, WAY_MAIN | WAY_UNSEEN)
{
	void *text = malloc(2000);
	void *other = malloc(16);
	release(text);
	release(text);
	release(other);
}

WAY(putpwent, 0)
{
	struct passwd entry = {.pw_name = (char *)"putpwent",
			       .pw_passwd = (char *)"x",
			       .pw_uid = 7,
			       .pw_gid = 8,
			       .pw_gecos = (char *)"g",
			       .pw_dir = (char *)"/",
			       .pw_shell = (char *)"/bin/sh"};
	putpwent(&entry, stderr);
}

WAY(putgrent, 0)
{
	char *members[] = {(char *)"one", (char *)"two", NULL};
	struct group entry = {.gr_name = (char *)"putgrent",
			      .gr_passwd = (char *)"x",
			      .gr_gid = 9,
			      .gr_mem = members};
	putgrent(&entry, stderr);
}

WAY(putspent, 0)
{
	struct spwd entry = {.sp_namp = (char *)"putspent",
			     .sp_pwdp = (char *)"!"};
	putspent(&entry, stderr);
}

WAY(addmntent, 0)
{
	struct mntent entry = {.mnt_fsname = (char *)"addmntent",
			       .mnt_dir = (char *)"/",
			       .mnt_type = (char *)"tmpfs",
			       .mnt_opts = (char *)"rw"};
	addmntent(stderr, &entry);
}

WAY(fmtmsg, 0)
{
	fmtmsg(MM_PRINT, "label:fmtmsg", MM_ERROR, "text", "action",
	       "label:fmtmsg:1");
}
