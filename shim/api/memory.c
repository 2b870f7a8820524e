/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of the API: whole pages by mmap(2), because a host's malloc is not
 * ours to call.  For objects that are made rarely. */
#include "../arch/syscall.h"
#include "../state.h"
#include "api.h"

#include <sys/mman.h>

static size_t whole_pages(size_t bytes)
{
	return (bytes + LOGTAP_PAGE_BYTES - 1) &
	       ~(size_t)(LOGTAP_PAGE_BYTES - 1);
}

void *logtap_memory_new(size_t bytes)
{
	long at;

	if (bytes > SIZE_MAX / 2 || logtap_sealed())
		return NULL;
	at = logtap_sys6(SYS_mmap, 0, (long)whole_pages(bytes),
			 PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	return at < 0 && at > -4096 ? NULL : (void *)at;
}

void logtap_memory_free(void *memory, size_t bytes)
{
	if (memory)
		logtap_sys2(SYS_munmap, (long)memory, (long)whole_pages(bytes));
}
