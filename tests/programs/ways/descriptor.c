/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that write to a descriptor. */
#include "way.h"

#include <aio.h>
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static struct iovec *parts_of(char *text)
{
	static struct iovec parts[2];
	size_t size = strlen(text);

	parts[0] = (struct iovec){text, 4};
	parts[1] = (struct iovec){text + 4, size - 4};
	return parts;
}

#define TEXT(name) char text[] = name "\n"

static void variadic(int fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(fd, format, arguments);
	va_end(arguments);
}

WAY(write, 0)
{
	IGNORE(write(2, "write\n", 6));
}

WAY(write_large, 0)
{
	char text[20001];
	memset(text, 'w', sizeof(text));
	text[20000] = '\n';
	IGNORE(write(2, text, sizeof(text)));
}

WAY(write_empty, 0)
{
	IGNORE(write(2, "", 0));
}

WAY(write_bad_pointer, 0)
{
	void *volatile nowhere = (void *)8;
	IGNORE(write(2, nowhere, 10));
}

WAY(writev, 0)
{
	TEXT("writev");
	IGNORE(writev(2, parts_of(text), 2));
}

WAY(pwrite, 0)
{
	IGNORE(pwrite(2, "pwrite\n", 7, 0));
}

WAY(pwrite64, 0)
{
	IGNORE(pwrite64(2, "pwrite64\n", 9, 0));
}

WAY(pwritev, 0)
{
	TEXT("pwritev");
	IGNORE(pwritev(2, parts_of(text), 2, 0));
}

WAY(pwritev64, 0)
{
	TEXT("pwritev64");
	IGNORE(pwritev64(2, parts_of(text), 2, 0));
}

WAY(dprintf, 0)
{
	dprintf(2, "dprintf %s %d\n", "text", 5);
}

WAY(dprintf_long, 0)
{
	dprintf(2, "dprintf_long %6000d\n", 5);
}

WAY(dprintf_empty, 0)
{
	dprintf(2, "%s", "");
}

WAY(dprintf_errno, 0)
{
	errno = ENOENT;
	dprintf(2, "dprintf_errno %m\n");
}

WAY(vdprintf, 0)
{
	variadic(2, "vdprintf %d\n", 6);
}

WAY(send, 0)
{
	IGNORE(send(2, "send\n", 5, 0));
}

WAY(sendto, 0)
{
	IGNORE(sendto(2, "sendto\n", 7, 0, NULL, 0));
}

WAY(sendmsg, 0)
{
	TEXT("sendmsg");
	struct msghdr message = {.msg_iov = parts_of(text), .msg_iovlen = 2};
	IGNORE(sendmsg(2, &message, 0));
}

WAY(sendmmsg, 0)
{
	TEXT("sendmmsg");
	struct mmsghdr messages[2] = {
		{.msg_hdr = {.msg_iov = parts_of(text), .msg_iovlen = 2}},
		{.msg_hdr = {.msg_iov = parts_of(text), .msg_iovlen = 2}}};
	IGNORE(sendmmsg(2, messages, 2, 0));
}

/* syscall(2): the same, by number. */
WAY(syscall_write, 0)
{
	syscall(SYS_write, 2, "syscall_write\n", 14);
}

WAY(syscall_writev, 0)
{
	TEXT("syscall_writev");
	syscall(SYS_writev, 2, parts_of(text), 2);
}

WAY(syscall_pwrite, 0)
{
	syscall(SYS_pwrite64, 2, "syscall_pwrite\n", 15, 0);
}

WAY(syscall_pwritev, 0)
{
	TEXT("syscall_pwritev");
	syscall(SYS_pwritev, 2, parts_of(text), 2, 0, 0);
}

WAY(syscall_pwritev2, 0)
{
	TEXT("syscall_pwritev2");
	syscall(SYS_pwritev2, 2, parts_of(text), 2, -1L, -1L, 0);
}

WAY(syscall_sendto, 0)
{
	syscall(SYS_sendto, 2, "syscall_sendto\n", 15, 0, 0, 0);
}

WAY(syscall_sendmsg, 0)
{
	TEXT("syscall_sendmsg");
	struct msghdr message = {.msg_iov = parts_of(text), .msg_iovlen = 2};
	syscall(SYS_sendmsg, 2, &message, 0);
}

WAY(syscall_sendmmsg, 0)
{
	TEXT("syscall_sendmmsg");
	struct mmsghdr messages[2] = {
		{.msg_hdr = {.msg_iov = parts_of(text), .msg_iovlen = 2}},
		{.msg_hdr = {.msg_iov = parts_of(text), .msg_iovlen = 2}}};
	syscall(SYS_sendmmsg, 2, messages, 2, 0);
}

/* Bytes that pass inside the kernel. */
static int file_with(const char *text)
{
	int fd = (int)syscall(SYS_memfd_create, "ways", 0);

	way_put(fd, text);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void pipe_with(int ends[2], const char *text)
{
	if (pipe(ends))
		_exit(94);
	way_put(ends[1], text);
}

WAY(sendfile, WAY_GAP)
{
	int fd = file_with("sendfile\n");
	IGNORE(sendfile(2, fd, NULL, 9));
	close(fd);
}

WAY(syscall_sendfile, WAY_GAP)
{
	int fd = file_with("syscall_sendfile\n");
	syscall(SYS_sendfile, 2, fd, NULL, 17);
	close(fd);
}

WAY(splice, WAY_GAP)
{
	int ends[2];
	pipe_with(ends, "splice\n");
	IGNORE(splice(ends[0], NULL, 2, NULL, 7, 0));
	close(ends[0]);
	close(ends[1]);
}

WAY(syscall_splice, WAY_GAP)
{
	int ends[2];
	pipe_with(ends, "syscall_splice\n");
	syscall(SYS_splice, ends[0], NULL, 2, NULL, 15, 0);
	close(ends[0]);
	close(ends[1]);
}

WAY(tee, WAY_GAP)
{
	int ends[2];
	pipe_with(ends, "tee\n");
	IGNORE(tee(ends[0], 2, 4, 0));
	close(ends[0]);
	close(ends[1]);
}

WAY(vmsplice, 0)
{
	static char text[] = "vmsplice\n";
	struct iovec part = {text, 9};
	IGNORE(vmsplice(2, &part, 1, 0));
}

WAY(copy_file_range, WAY_GAP)
{
	FILE *file = tmpfile();
	fputs("copy_file_range\n", file);
	fflush(file);
	IGNORE(copy_file_range(fileno(file), &(off64_t){0}, 2, NULL, 16, 0));
	fclose(file);
}

/* Past every hook. */
static void raw_write(int fd, const char *text)
{
#if defined(__x86_64__)
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(SYS_write), "D"(fd), "S"(text), "d"(strlen(text))
			 : "rcx", "r11", "memory");
#else
	register long x8 __asm__("x8") = SYS_write;
	register long x0 __asm__("x0") = fd;
	register const char *x1 __asm__("x1") = text;
	register long x2 __asm__("x2") = (long)strlen(text);
	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2)
			 : "memory");
#endif
}

typedef ssize_t write_function(int fd, const void *text, size_t size);

static void write_found_in(void *handle, const char *text)
{
	write_function *found = (write_function *)dlsym(handle, "write");

	IGNORE(found(2, text, strlen(text)));
}

WAY(system_call_instruction, WAY_UNSEEN)
{
	raw_write(2, "instruction\n");
}

WAY(dlsym_default, 0)
{
	write_found_in(RTLD_DEFAULT, "dlsym_default\n");
}

WAY(dlsym_next, 0)
{
	write_found_in(RTLD_NEXT, "dlsym_next\n");
}

WAY(dlsym_of_libc, WAY_UNSEEN)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	write_found_in(libc, "dlsym_of_libc\n");
	dlclose(libc);
}

WAY(aio_write, WAY_MAIN | WAY_UNSEEN)
{
	static char text[] = "aio_write\n";
	static struct aiocb request;
	request = (struct aiocb){
		.aio_fildes = 2, .aio_buf = text, .aio_nbytes = 10};
	const struct aiocb *list[1] = {&request};
	aio_write(&request);
	aio_suspend(list, 1, NULL);
	aio_return(&request);
}

WAY(mapped, WAY_MAIN | WAY_UNSEEN)
{
	if (ftruncate(2, 7))
		return;
	int fd = open("/proc/self/fd/2", O_RDWR);
	char *memory = mmap(NULL, 7, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory != MAP_FAILED)
		memcpy(memory, "mapped\n", 7);
	close(fd);
}
