/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fork, perhaps in a signal handler that interrupted a copy: the child has
 * its parent's private position and would write on at its place
 * (shim/hook/fork.c).  Nobody but its owner may write to a slot.
 *
 * control: KEEPS_THE_MAPPING
 * control: KEEPS_THE_SLOT
 */
#define CHUNKS 4
#define SLOTS 3
#define NOWHERE SLOTS /* private memory, put under the mapping */

byte head[SLOTS + 1];
byte claims; /* slots that were ever claimed: by compare-and-swap */
bool forked;

inline claim(slot)
{
	atomic {
		slot = claims;
		claims++
	}
}

/* The child begins with copies of what its parent holds. */
proctype process(byte slot, at; bool guard, is_child)
{
	byte before;

	if
	:: is_child && guard ->
		/* its frames will go on copying */
#ifndef KEEPS_THE_MAPPING
		slot = NOWHERE
#else
		skip
#endif
	:: is_child && !guard ->
#ifndef KEEPS_THE_SLOT
		claim(slot);
		at = 0
#else
		skip
#endif
	:: !is_child -> claim(slot)
	fi;
	do
	:: at < CHUNKS ->
		if
		:: !forked -> forked = true; run process(slot, at, guard, true)
		:: skip
		fi;
		guard = true;
		if
		:: !forked -> forked = true; run process(slot, at, guard, true)
		:: skip
		fi;
		atomic {
			assert(slot == NOWHERE || head[slot] == at);
			head[slot] = (slot == NOWHERE -> 0 : at + 1)
		}
		at++;
		guard = false
	:: else -> break
	od
}

init {
	run process(0, 0, false, false)
}
