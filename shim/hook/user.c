/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* setuid(2) and its like, as far as they make the process another user's: what
 * changes the effective user alone (seteuid(3)) is a visit, and does not.  Runs
 * in the calling thread after the real call; errno is left as it is. */
#include "../arch/syscall.h"
#include "../real.h"
#include "../segment/owner.h"
#include "../state.h"

#define UNCHANGED ((uid_t)-1)

/* In a child that vfork(2) made our memory is its parent's, which stays who it
 * is.  Where a filter could mind the question it is not asked. */
static bool is_borrowed(void)
{
	return !logtap_filtered() && (uint32_t)logtap_sys1(SYS_getpid, 0) !=
					     logtap_state.identity.pid;
}

static void become(uid_t user)
{
	if (!atomic_load_explicit(&logtap_state.mapping_count,
				  memory_order_relaxed))
		return;
	if (!logtap_alive()) /* a child that has no slot yet */
		logtap_owner_note(user);
	else if (!is_borrowed())
		logtap_owner_become(&logtap_tls, user);
}

int logtap_on_setuid(uid_t user)
{
	int result = logtap_real.setuid(user);

	if (result == 0)
		become(user);
	return result;
}

int logtap_on_setreuid(uid_t real, uid_t effective)
{
	int result = logtap_real.setreuid(real, effective);

	if (result == 0 && real != UNCHANGED && effective != UNCHANGED)
		become(effective);
	return result;
}

int logtap_on_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	int result = logtap_real.setresuid(real, effective, saved);

	if (result == 0 && real != UNCHANGED && effective != UNCHANGED)
		become(effective);
	return result;
}
