/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* stdio: bytes, unlocked forms, macros, buffers. */
#define _LARGEFILE64_SOURCE
#include "way.h"

#include <stdio_ext.h>

static void variadic(FILE *file, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(file, format, arguments);
	va_end(arguments);
}

static void put_each(int (*put)(int, FILE *), const char *text)
{
	for (; *text; text++)
		put(*text, stderr);
}

WAY(fprintf, 0)
{
	fprintf(stderr, "fprintf %s %d\n", "text", 1);
}

WAY(fprintf_pieces, 0)
{
	fprintf(stderr, "fprintf_pieces ");
	fprintf(stderr, "in %d ", 2);
	fprintf(stderr, "calls\n");
}

WAY(fprintf_long, 0)
{
	fprintf(stderr, "fprintf_long %5000d\n", 7);
}

WAY(vfprintf, 0)
{
	variadic(stderr, "vfprintf %d\n", 3);
}

WAY(fputs, 0)
{
	fputs("fputs\n", stderr);
}

WAY(fputs_unlocked, 0)
{
	fputs_unlocked("fputs_unlocked\n", stderr);
}

WAY(fputc, 0)
{
	put_each(fputc, "fputc\n");
}

WAY(putc, 0)
{
	for (const char *at = "putc\n"; *at; at++)
		putc(*at, stderr);
}

WAY(fputc_unlocked, 0)
{
	put_each(fputc_unlocked, "fputc_unlocked\n");
}

WAY(putc_unlocked, 0)
{
	for (const char *at = "putc_unlocked\n"; *at; at++)
		putc_unlocked(*at, stderr);
}

WAY(fwrite, 0)
{
	fwrite("fwrite\n", 1, 7, stderr);
}

WAY(fwrite_items, 0)
{
	fwrite("fwrite_items\nrest", 13, 1, stderr);
}

WAY(fwrite_unlocked, 0)
{
	fwrite_unlocked("fwrite_unlocked\n", 1, 16, stderr);
}

WAY(putw, 0)
{
	putw(0x77747570, stderr);
	fputs("\n", stderr);
}

WAY(flockfile, 0)
{
	flockfile(stderr);
	fputs("flockfile\n", stderr);
	funlockfile(stderr);
}

WAY(nul_bytes, 0)
{
	fwrite("nul\0bytes\n", 1, 10, stderr);
}

WAY(no_line_feed, 0)
{
	fputs("no_line_feed", stderr);
}

/* Buffers, and who flushes them. */
WAY(full_fflush, 0)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("full_fflush one\nfull_fflush two\n", stderr);
	fflush(stderr);
}

WAY(full_exit, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("full_exit, by exit\n", stderr);
}

WAY(full_overflow, 0)
{
	setvbuf(stderr, NULL, _IOFBF, 64);
	for (int i = 0; i < 20; i++)
		fprintf(stderr, "full_overflow %d\n", i);
	fflush(stderr);
}

WAY(full_fflush_all, 0)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("full_fflush_all\n", stderr);
	fflush(NULL);
}

WAY(full_fclose, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("full_fclose\n", stderr);
	fclose(stderr);
}

WAY(full_unbuffer, 0)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("full_unbuffer\n", stderr);
	setvbuf(stderr, NULL, _IONBF, 0);
}

WAY(full_seek, 0)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("full_seek\n", stderr);
	fseek(stderr, 0, SEEK_CUR);
}

WAY(line_buffered, 0)
{
	setlinebuf(stderr);
	fputs("line_buffered one\nline_buffered ", stderr);
	fputs("two\n", stderr);
}

WAY(setbuffer, 0)
{
	static char room[100];
	setbuffer(stderr, room, 100);
	fputs("setbuffer\n", stderr);
	fflush(stderr);
}

WAY(setbuf, 0)
{
	setbuf(stderr, NULL);
	fputs("setbuf\n", stderr);
}

WAY(lost_at_abort, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("lost_at_abort\n", stderr);
	way_put(2, "lost_at_abort: no\n");
	abort();
}

WAY(lost_at__exit, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("lost_at__exit\n", stderr);
	way_put(2, "lost_at__exit: no\n");
	_exit(3);
}

WAY(lost_at_quick_exit, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("lost_at_quick_exit\n", stderr);
	way_put(2, "lost_at_quick_exit: no\n");
	quick_exit(3);
}

WAY(purged, 0)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("purged: never written\n", stderr);
	__fpurge(stderr);
	fputs("purged\n", stderr);
	fflush(stderr);
}

WAY(ftell_and_isatty, 0)
{
	fputs("ftell_and_isatty\n", stderr);
	printf("ftell %ld isatty %d\n", ftell(stderr), isatty(2));
}

/* Other streams that lead there. */
WAY(fdopen, 0)
{
	FILE *file = fdopen(2, "w");
	fputs("fdopen\n", file);
	fflush(file);
}

WAY(fdopen_dup, 0)
{
	FILE *file = fdopen(dup(2), "w");
	fputs("fdopen_dup one\nfdopen_dup two\n", file);
	fclose(file);
}

WAY(stdout_dup2, WAY_MAIN)
{
	fflush(stdout);
	int saved = dup(1);
	dup2(2, 1);
	puts("stdout_dup2 puts");
	printf("stdout_dup2 %s\n", "printf");
	putchar('s');
	putchar_unlocked('\n');
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
}

WAY(memstream, 0)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	fputs("memstream: once\n", file);
	fclose(file);
	way_put(2, text);
	free(text);
}

WAY(reopened_dev_stderr, WAY_MAIN)
{
	FILE *file = freopen("/dev/stderr", "w", stderr);
	if (file)
		fputs("reopened_dev_stderr\n", file);
}

WAY(reopened_elsewhere, WAY_MAIN | WAY_ELSEWHERE)
{
	if (freopen("/dev/null", "a", stderr))
		fputs("reopened_elsewhere: to the new stderr\n", stderr);
}

WAY(reopened_mode, WAY_MAIN)
{
	if (freopen(NULL, "a", stderr))
		fputs("reopened_mode\n", stderr);
}

WAY(stdout_reopened, WAY_MAIN)
{
	fflush(stdout);
	FILE *file = freopen("/dev/stderr", "w", stdout);
	if (file)
		fputs("stdout_reopened\n", file);
	fflush(stdout);
}

static ssize_t put_cookie(void *cookie, const char *text, size_t size)
{
	(void)cookie;
	return write(2, text, size);
}

WAY(fopencookie, 0)
{
	FILE *file = fopencookie(NULL, "w",
				 (cookie_io_functions_t){.write = put_cookie});
	fputs("fopencookie\n", file);
	fclose(file);
}
