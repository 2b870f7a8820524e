/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* backtrace_symbols_fd(3): what it wrote is put together again from dladdr1(3),
 * whose lock the real call has just taken, too.  Runs in the host's threads and
 * handlers, often those of a crash. */
#include "backtrace.h"

#include "../../bytes.h"
#include "../../fd/table.h"
#include "../../guard/guard.h"
#include "../../hook/libc_call.h"
#include "../../real.h"

#include <errno.h>
#include <link.h>

#define FRAME_BYTES 1024

/* glibc 2.41 puts a space before the address, 2.39 did not. */
static bool address_is_apart;

void logtap_backtrace_init(const char *libc_version)
{
	uint64_t minor = 0;
	const char *digits = logtap_bytes_after(libc_version, "2.");

	for (; digits && *digits >= '0' && *digits <= '9'; digits++)
		minor = minor * 10 + (uint64_t)(*digits - '0');
	address_is_apart = minor > 40;
}

/* PATH(SYMBOL+0xOFFSET)[0xADDRESS], and a line feed. */
static size_t describe(char *to, const void *frame)
{
	struct link_map *map = NULL;
	Dl_info info = {0};
	size_t at = 0;

	to[0] = '\0';
	if (logtap_real.dladdr1(frame, &info, (void **)&map, RTLD_DL_LINKMAP) &&
	    info.dli_fname && info.dli_fname[0]) {
		uintptr_t address = (uintptr_t)frame;
		uintptr_t base = (uintptr_t)info.dli_saddr;
		logtap_bytes_put(to, FRAME_BYTES, &at, info.dli_fname);
		if (!info.dli_sname)
			base = map ? map->l_addr : 0;
		if (info.dli_sname || base) {
			logtap_bytes_put(to, FRAME_BYTES, &at, "(");
			if (info.dli_sname)
				logtap_bytes_put(to, FRAME_BYTES, &at,
						 info.dli_sname);
			logtap_bytes_put(to, FRAME_BYTES, &at,
					 address >= base ? "+0x" : "-0x");
			logtap_bytes_put_hex(to, FRAME_BYTES, &at,
					     address >= base ? address - base
							     : base - address);
			logtap_bytes_put(to, FRAME_BYTES, &at, ")");
		}
	}
	logtap_bytes_put(to, FRAME_BYTES, &at,
			 address_is_apart && at ? " [0x" : "[0x");
	logtap_bytes_put_hex(to, FRAME_BYTES, &at, (uintptr_t)frame);
	logtap_bytes_put(to, FRAME_BYTES, &at, "]\n");
	return at;
}

void logtap_on_backtrace_symbols_fd(void *const *frames, int count, int fd)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	struct logtap_libc_call outer = logtap_libc_begin(
		LOGTAP_LIBC_STREAM, stamp.sink, "", LOGTAP_STACK_POINTER());
	int before = errno;
	char text[FRAME_BYTES];

	errno = 0;
	logtap_real.backtrace_symbols_fd(frames, count, fd);
	int after = errno ? errno : before;
	bool written = !logtap_libc_write_failed(errno);
	if (!logtap_libc_end(&outer) && written && logtap_real.dladdr1)
		for (int i = 0; i < count; i++)
			logtap_capture_bytes(&stamp, text,
					     describe(text, frames[i]));
	errno = after;
}
