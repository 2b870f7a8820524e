/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Memory to go with a stack: see the header.  Any thread, also in handlers. */
#include "memory.h"

#include "../arch/syscall.h"
#include "../bytes.h"
#include "../state.h"
#include "watch.h"

#include <sys/uio.h>

enum { PIECES = LOGTAP_STACK_MEMORY_BYTES / LOGTAP_PAGE_BYTES + 1 };

uint64_t logtap_memory_wanted(const struct logtap_tls *tls)
{
	return logtap_filtered() ? 0 : logtap_watch_memory_end(tls);
}

/* By pages, the last one first: a copy ends where it cannot go on. */
static size_t cut(uint64_t end, unsigned char *to, struct iovec local[PIECES],
		  struct iovec remote[PIECES])
{
	uint64_t at = end, low = end - LOGTAP_STACK_MEMORY_BYTES;
	size_t count = 0;

	while (at > low) {
		uint64_t from = (at - 1) & ~(uint64_t)(LOGTAP_PAGE_BYTES - 1);
		if (from < low)
			from = low;
		remote[count].iov_base = (void *)(uintptr_t)from;
		remote[count].iov_len = (size_t)(at - from);
		local[count].iov_base = to + (from - low);
		local[count].iov_len = remote[count].iov_len;
		count++;
		at = from;
	}
	return count;
}

void logtap_memory_put(unsigned char *to, uint64_t end)
{
	struct logtap_stack_memory memory = {.end = end};
	struct iovec local[PIECES], remote[PIECES];
	unsigned char *data = to + sizeof memory;

	__builtin_memset(data, 0, LOGTAP_STACK_MEMORY_BYTES);
	if (end > LOGTAP_STACK_MEMORY_BYTES) {
		size_t count = cut(end, data, local, remote);
		long pid = logtap_sys1(SYS_getpid, 0);
		long got =
			logtap_sys6(SYS_process_vm_readv, pid, (long)local,
				    (long)count, (long)remote, (long)count, 0);
		if (got > 0)
			memory.bytes = (uint32_t)got;
	}
	logtap_bytes_copy(to, &memory, sizeof memory);
}
