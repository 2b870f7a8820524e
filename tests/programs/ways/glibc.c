/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Ways that other libcs do not have: extensions of glibc, second names of its
 * functions, and a stderr that can be assigned to. */
#include "way.h"

#include <argp.h>
#include <assert.h>
#include <dlfcn.h>
#include <error.h>
#include <execinfo.h>
#include <gshadow.h>
#include <malloc.h>
#include <stdio_ext.h>
#include <sys/uio.h>

ssize_t __write(int fd, const void *text, size_t size);
int __dup2(int from, int to);
int __close(int fd);
void closefrom(int first);
int close_range(unsigned first, unsigned last, int flags);

WAY(__write, 0)
{
	IGNORE(__write(2, "__write\n", 8));
}

WAY(pwritev2, 0)
{
	char text[] = "pwritev2\n";
	struct iovec parts[2] = {{text, 4}, {text + 4, sizeof(text) - 5}};
	IGNORE(pwritev2(2, parts, 2, -1, 0));
}

WAY(dlmopen, WAY_MAIN | WAY_UNSEEN)
{
	void *libc = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_LAZY);
	ssize_t (*put)(int, const void *, size_t) =
		libc ? (ssize_t(*)(int, const void *, size_t))dlsym(libc,
								    "write")
		     : NULL;
	if (put)
		IGNORE(put(2, "dlmopen\n", 8));
}

static void put_and_close(int fd, const char *text)
{
	if (fd < 0)
		return;
	way_put(fd, text);
	close(fd);
}

WAY(__dup2, 0)
{
	put_and_close(__dup2(2, 41), "__dup2\n");
}

WAY(fcntl64, 0)
{
	put_and_close(fcntl64(2, F_DUPFD, 70), "fcntl64\n");
}

WAY(close_and_dup_back, WAY_MAIN)
{
	int saved = dup(2);
	__close(2);
	IGNORE(dup(saved));
	way_put(2, "close_and_dup_back\n");
	close(saved);
}

WAY(closefrom, WAY_MAIN)
{
	int saved = dup(1);
	closefrom(2);
	way_put(2, "nowhere\n");
	close(saved);
}

WAY(close_range, WAY_MAIN)
{
	close_range(2, 2, 0);
	way_put(2, "nowhere\n");
	errno = 0;
}

WAY(stderr_reassigned, WAY_MAIN)
{
	FILE *old = stderr;
	stderr = fdopen(dup(2), "w");
	fputs("stderr_reassigned\n", stderr);
	fclose(stderr);
	stderr = old;
	fputs("stderr_reassigned back\n", stderr);
}

WAY(stderr_is_stdout, WAY_MAIN)
{
	FILE *old = stderr;
	stderr = stdout;
	fputs("to stdout, not captured\n", stderr);
	fflush(stdout);
	stderr = old;
	fputs("stderr_is_stdout: no longer\n", stderr);
}

WAY(full_fcloseall, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("full_fcloseall\n", stderr);
	fcloseall();
}

WAY(full_flushlbf, 0)
{
	setvbuf(stderr, NULL, _IOLBF, 4096);
	fputs("full_flushlbf", stderr);
	_flushlbf();
	fputs("\n", stderr);
}

WAY(error, 0)
{
	error(0, ENOENT, "error %d", 1);
	error(0, 0, "error without");
}

WAY(error_at_line, 0)
{
	error_at_line(0, EPERM, "file.c", 7, "error_at_line");
}

WAY(error_exit, WAY_MAIN)
{
	error(5, EPERM, "error_exit");
}

WAY(error_oriented, 0)
{
	fputs("error_oriented first\n", stderr);
	error(0, EPERM, "error_oriented");
}

static void print_name(void)
{
	fputs("error_print_progname: ", stderr);
}

WAY(error_progname, WAY_MAIN)
{
	error_print_progname = print_name;
	error(0, 0, "own name");
}

static char long_none[] = "--none";
static const struct argp parser = {.doc = "what it does", .args_doc = "WHAT"};

static void parse(unsigned flags, char *argument)
{
	char name[] = "argp";
	char *argv[] = {name, argument, NULL};

	argp_parse(&parser, 2, argv, flags, NULL, NULL);
}

WAY(argp, WAY_MAIN)
{
	parse(0, long_none);
}

WAY(argp_no_exit, WAY_MAIN)
{
	parse(ARGP_NO_EXIT, long_none);
}

WAY(argp_help, WAY_MAIN)
{
	char name[] = "argp_help";
	argp_help(&parser, stderr, ARGP_HELP_STD_HELP, name);
}

WAY(assert_perror, WAY_MAIN)
{
	assert_perror(ENOENT);
}

WAY(malloc_stats, 0)
{
	malloc_stats();
}

WAY(malloc_info, 0)
{
	malloc_info(0, stderr);
}

static void *frames[3] = {(void *)8, (void *)16, (void *)0x123456789a};

WAY(backtrace_symbols_fd, 0)
{
	backtrace_symbols_fd(frames, 3, 2);
}

WAY(backtrace_of_main, 0)
{
	void *here[1] = {(void *)way_backtrace_of_main};
	backtrace_symbols_fd(here, 1, 2);
}

WAY(putsgent, 0)
{
	char *nobody[] = {NULL};
	struct sgrp entry = {.sg_namp = (char *)"putsgent",
			     .sg_passwd = (char *)"!",
			     .sg_adm = nobody,
			     .sg_mem = nobody};
	putsgent(&entry, stderr);
}

static void on_exit_function(int status, void *text)
{
	(void)status;
	way_put(2, text);
}

WAY(on_exit, WAY_MAIN)
{
	on_exit(on_exit_function, (char *)"on_exit\n");
}
