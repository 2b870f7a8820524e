/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A 32-bit program that the loader of a 64-bit system starts: its environment on
 * stdout, a line on stderr, status 7.  It needs neither a 32-bit libc nor the
 * compiler's files for one. */
enum { SYS_EXIT = 1, SYS_WRITE = 4 };

static int call(int number, int a, const void *b, unsigned c)
{
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(number), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return result;
}

static void say(int fd, const char *text)
{
	unsigned size = 0;

	while (text[size])
		size++;
	call(SYS_WRITE, fd, text, size);
}

/* @stack: the number of arguments, these, NULL, the environment, NULL. */
__attribute__((used, noreturn)) static void start(char **stack)
{
	for (char **at = stack + (unsigned)stack[0] + 2; *at; at++) {
		say(1, *at);
		say(1, "\n");
	}
	say(2, "on stderr\n");
	call(SYS_EXIT, 7, 0, 0);
	__builtin_unreachable();
}

__asm__(".globl _start\n"
	"_start: push %esp\n"
	"call start\n");
