/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Forks: see the header.  The child's side runs in the forking thread, which
 * may be in a signal handler that interrupted a copy into the ring. */
#include "fork.h"

#include "../arch/syscall.h"
#include "../guard/guard.h"
#include "../libc/libc.h"
#include "../real.h"
#include "../segment/claim.h"
#include "../segment/procfs.h"
#include "../span/context.h"

#include <errno.h>
#include <sys/mman.h>

/* In a section of its own: .bss, which would have to begin a page with it,
 * begins where .data ends. */
__asm__(".section .alive, \"aw\", %nobits\n"
	".balign 4096\n"
	".globl logtap_alive_page\n"
	".hidden logtap_alive_page\n"
	".type logtap_alive_page, %object\n"
	".size logtap_alive_page, 4096\n"
	"logtap_alive_page:\n"
	".zero 4096\n"
	".previous\n");
static bool page_is_wiped; /* in a child, by the kernel */

static void cover(enum logtap_mechanism mechanism, enum logtap_coverage how)
{
	logtap_state.identity.coverage[mechanism] = (unsigned char)how;
}

/* Of our own zeroed data, which is private and anonymous.  Only where no filter
 * could take madvise(2) amiss; else it stays as it is in a child.  An emulator
 * says yes to any advice and does nothing: one that has no robust lists is not
 * believed. */
static enum logtap_coverage make_page(void)
{
	atomic_store(&logtap_alive_page.alive, 1);
	if (logtap_filtered())
		return LOGTAP_COVERAGE_DENIED;
	if (logtap_state.identity.coverage[LOGTAP_MECHANISM_DEATH] ==
	    LOGTAP_COVERAGE_SELF_CHECK)
		return LOGTAP_COVERAGE_SELF_CHECK;
	page_is_wiped =
		logtap_sys3(SYS_madvise, (long)&logtap_alive_page,
			    sizeof logtap_alive_page, MADV_WIPEONFORK) == 0;
	return page_is_wiped ? LOGTAP_COVERAGE_INSTALLED
			     : LOGTAP_COVERAGE_DENIED;
}

void logtap_fork_init(void)
{
	int error;

	cover(LOGTAP_MECHANISM_FORK_PAGE, make_page());
	error = logtap_libc_atfork(logtap_fork_child);
	cover(LOGTAP_MECHANISM_FORK, !error ? LOGTAP_COVERAGE_INSTALLED
				     : error == -ENOSYS
					     ? LOGTAP_COVERAGE_NO_SYMBOL
					     : LOGTAP_COVERAGE_DENIED);
}

/* The interrupted copy will go on in the child and would write into the
 * parent's ring: put private memory under it.  The header stays, to count what
 * cannot be recorded. */
static void give_up_mappings(void)
{
	uint32_t count = atomic_load(&logtap_state.mapping_count);
	const long keep = LOGTAP_HEADER_BYTES;

	for (uint32_t i = 0; i < count; i++) {
		struct logtap_mapping *mapping = logtap_mapping_at(i);
		if (!mapping)
			continue;
		if (!logtap_state.inherited)
			logtap_state.inherited = mapping->segment;
		logtap_sys6(SYS_mmap, (long)mapping->base + keep,
			    (long)mapping->bytes - keep, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		atomic_store(&mapping->usable, 0);
	}
}

/* The kernel's answer, 0 if it may not be asked. */
static uint32_t current_pid(void)
{
	struct logtap_procfs_stat stat = {0};

	if (!logtap_filtered())
		return (uint32_t)logtap_sys1(SYS_getpid, 0);
	if (!logtap_sealed())
		logtap_procfs_stat(&stat);
	return (uint32_t)stat.pid;
}

static void adopt(struct logtap_tls *tls, uint32_t flags)
{
	struct logtap_identity *identity = &logtap_state.identity;

	atomic_store(&logtap_alive_page.alive, 1);
	logtap_context_forked();
	logtap_libc_robust_forked();
	if (!logtap_armed() && !atomic_load(&logtap_state.mapping_count))
		return;
	identity->parent_pid = identity->pid;
	identity->pid = 0; /* the claim learns it from libc */
	/* Unknown without a system call, and then for all its slots alike: with
	 * pid and the time of the claim it still names the process. */
	identity->start_ticks = 0;
	tls->parent_tid = tls->tid;
	tls->birth_flags = flags;
	if (logtap_guard_is_held(tls, LOGTAP_STACK_POINTER())) {
		give_up_mappings();
		tls->life = LOGTAP_ORPHAN; /* until that copy has ended */
		identity->pid = current_pid();
		return;
	}
	tls->guard = 0;
	logtap_claim_forget(tls);
	if (!(flags & LOGTAP_SLOT_RAW_FORK))
		logtap_claim_birth(tls);
	if (!identity->pid)
		identity->pid = current_pid();
}

void logtap_fork_child(void)
{
	/* A handler may have come first, and found the page wiped. */
	if (page_is_wiped && logtap_alive())
		return;
	adopt(&logtap_tls, LOGTAP_SLOT_FORKED | LOGTAP_SLOT_MAIN);
}

/* The only fork of libc's that calls no handlers. */
pid_t logtap_on__Fork(void)
{
	pid_t pid = logtap_real._Fork();

	if (pid == 0)
		logtap_fork_child();
	return pid;
}

void logtap_fork_unseen(struct logtap_tls *tls)
{
	adopt(tls,
	      LOGTAP_SLOT_FORKED | LOGTAP_SLOT_RAW_FORK | LOGTAP_SLOT_MAIN);
}

bool logtap_fork_is_borrowed(void)
{
	uint32_t pid;

	if (!logtap_alive())
		logtap_fork_unseen(&logtap_tls);
	pid = current_pid();
	return pid && pid != logtap_state.identity.pid;
}
