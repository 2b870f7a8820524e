/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signal handlers that log while their thread copies a chunk: they write to the
 * nested ring, and the collector puts both rings back into the one order
 * (shim/sink, collector/intake/visit.c).  The thread may be killed anywhere.
 *
 * control: NESTED_FIRST
 * control: NO_HOLD
 * control: MAIN_ONCE
 * control: NO_GUARD
 */
#define CHUNKS 5

byte main_ring[CHUNKS + 1];
byte nested_ring[CHUNKS + 1];
byte main_head, nested_head;
byte sequence = 1;
bool guard;
bool dead;

/* Runs to its end while the thread stands still. */
inline handler()
{
	do
	:: sequence <= CHUNKS && !dead ->
		inner = sequence;
		sequence++;
		if
#ifdef NO_GUARD
		:: false -> skip
#else
		:: guard ->
			nested_ring[nested_head] = inner;
			nested_head++
#endif
		:: else ->
			main_ring[main_head] = inner;
			main_head++
		fi
	:: break
	od
}

active proctype thread()
{
	byte number, inner;

	do
	:: sequence <= CHUNKS && !dead ->
		guard = true;
		handler();
		if
		:: sequence > CHUNKS -> break
		:: else
		fi;
		number = sequence;
		sequence++;
		handler();
		if
		:: dead = true; break /* by SIGKILL, in its copy */
		:: skip
		fi;
		main_ring[main_head] = number;
		main_head++;
		handler();
		guard = false;
		handler()
	:: break
	od;
	dead = true
}

active proctype collector()
{
	byte main_at, nested_at, main_to, nested_to, last, number;
	bool was_dead, main_empty, stop;

	do
	:: was_dead = dead;
#ifdef NESTED_FIRST
		nested_to = nested_head;
		main_to = main_head;
#else
		main_to = main_head;
		nested_to = nested_head;
#endif
		/* a window may end before the ring does */
		if
		:: main_to > main_at + 1 -> main_to--
		:: skip
		fi;
#ifdef MAIN_ONCE
		main_empty = true;
#else
		main_empty = main_head <= main_to;
#endif
		stop = false;
		do
		:: stop || (main_at == main_to && nested_at == nested_to) ->
			break
		:: else ->
			if
			:: main_at < main_to &&
			   (nested_at == nested_to ||
			    main_ring[main_at] < nested_ring[nested_at]) ->
				number = main_ring[main_at];
				main_at++
			:: main_at == main_to &&
			   (!main_empty
#ifndef NO_HOLD
			    || (nested_ring[nested_at] != last + 1 && !was_dead)
#endif
			   ) -> stop = true
			:: else ->
				number = nested_ring[nested_at];
				nested_at++
			fi;
			if
			:: !stop ->
				assert(number > last);
				assert(number == last + 1 || was_dead);
				last = number
			:: else
			fi;
			number = 0
		od;
		if
		:: was_dead && main_at == main_head &&
		   nested_at == nested_head -> break
		:: else
		fi
	od
}
