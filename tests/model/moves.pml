/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that goes on to a larger ring, twice: what it wrote comes out in its
 * order, whichever of the three segments the collector opens first
 * (shim/segment/claim.c: grow, collector/intake/order.c).
 *
 * A sequence number may be taken by a chunk that is dropped.  The host may be
 * killed; the collector frees what it has drained of the dead.  What it does only
 * when it has waited for long is left out: nothing here may depend on it (and so
 * no kill falls between the claim of a ring and the move to it).
 *
 * control: DRAINED_IS_ENOUGH
 * control: FIRST_UNKNOWN
 * control: NOT_THE_EARLIER
 * control: FORGETS_THE_LEFT
 */
#define RINGS 3
#ifndef EACH
#define EACH 1
#endif
/* sequence numbers in a ring, at most, and one of a handler */
#define NUMBERS (RINGS * (EACH + 1))

mtype = { FREE, LIVE, MOVED };

mtype state[RINGS] = FREE;
byte first[RINGS];
byte head[RINGS];  /* chunks published */
byte taken[RINGS]; /* the host's count of sequence numbers */
byte chunks[NUMBERS];
bool dropped[NUMBERS + 1];
bool done;
bool dead;

byte sequence = 1, ring;

#define PLACE(r, i) ((r) * (EACH + 1) + (i))

/* One chunk, or its number alone. */
inline put(r)
{
	if
	:: chunks[PLACE(r, head[r])] = sequence;
	   sequence++;
	   head[r] = head[r] + 1
	:: dropped[sequence] = true;
	   sequence++
	fi;
	taken[r] = taken[r] + 1
}

active proctype host()
{
	byte left;

	first[0] = sequence;
	state[0] = LIVE;
	do
	:: ring < RINGS ->
		left = EACH;
		do
		:: left > 0 -> put(ring); left--
		:: break
		od;
		if
		:: ring + 1 < RINGS
		:: break /* killed, or at its end */
		fi;
		first[ring + 1] = sequence;
		state[ring + 1] = LIVE;
		/* a handler, between the two */
		if
		:: put(ring + 1)
		:: skip
		fi;
		state[ring] = MOVED;
		ring++
	od;
	if /* it lives on, and has nothing more to say */
	:: dead = true
	:: skip
	fi;
	done = true
}

/* The collector's view. */
bool seen[RINGS]; /* the segment is in its table */
bool opened[RINGS];
bool waits[RINGS];
bool moved[RINGS];
bool gone[RINGS]; /* freed */
bool was_left[RINGS]; /* by then its thread's next was not open */
byte at[RINGS];	  /* chunks read */
byte next[RINGS]; /* one above the last number read */
byte last;

inline open(r)
{
	opened[r] = true;
	waits[r] = r > 0;
	next[r] = first[r]
}

#define JUST_BEFORE(o, r) \
	(next[o] == first[r] || first[o] + taken[o] == first[r])

/* There may be others before that one. */
#ifdef NOT_THE_EARLIER
#define STILL_WAITS(o) false
#else
#define STILL_WAITS(o) waits[o]
#endif

/* Frees what is drained of the dead. */
inline free(r)
{
	if
	:: dead && opened[r] && !gone[r] && !waits[r] && head[r] <= at[r] ->
		moved[r] = state[r] == MOVED;
		gone[r] = true;
		left_one = moved[r];
		o = 0;
		do
		:: o < RINGS ->
			if
			:: moved[r] && opened[o] && waits[o] &&
			   JUST_BEFORE(r, o) ->
				waits[o] = false;
				left_one = false
			:: else
			fi;
			o++
		:: else -> break
		od;
		was_left[r] = left_one
	:: else
	fi
}

inline look_earlier(r)
{
	left_one = false;
	drained_one = false;
	o = 0;
	do
	:: o < RINGS ->
		if
		:: o != r && seen[o] && state[o] != FREE && !gone[o] ->
			if
			:: !opened[o] -> open(o)
			:: else
			fi;
			if
			:: first[o] < first[r] ->
				drained = moved[o] && head[o] <= at[o];
				if
				:: !moved[o] || !drained || STILL_WAITS(o) ->
					left_one = true
#ifdef DRAINED_IS_ENOUGH
				:: else -> drained_one = true
#else
				:: else ->
					drained_one = drained_one ||
						JUST_BEFORE(o, r)
#endif
				fi
#ifndef FIRST_UNKNOWN
			/* the thread's first ring, of which it used nothing */
			:: o == 0 && first[o] == first[r] -> drained_one = true
#endif
			:: else
			fi
#ifndef FORGETS_THE_LEFT
		:: was_left[o] -> drained_one = drained_one || JUST_BEFORE(o, r)
#endif
		:: else
		fi;
		o++
	:: else -> break
	od;
	waits[r] = left_one || !drained_one
}

inline visit(r)
{
	if
	:: seen[r] && state[r] != FREE && !gone[r] ->
		if
		:: !opened[r] -> open(r)
		:: else
		fi;
		moved[r] = state[r] == MOVED;
		if
		:: waits[r] -> look_earlier(r)
		:: else
		fi;
		if
		:: !waits[r] ->
			until = head[r];
			do
			:: at[r] < until ->
				number = chunks[PLACE(r, at[r])];
				d_step {
					assert(number > last);
					do
					:: last + 1 < number ->
						last++;
						assert(dropped[last])
					:: else -> break
					od;
					last = number
				}
				at[r] = at[r] + 1;
				next[r] = number + 1
			:: else -> break
			od
		:: else
		fi
	:: else
	fi
}

active proctype collector()
{
	byte o, until, number, r;
	bool left_one, drained_one, drained;

	do
	:: !done && !seen[0] -> seen[0] = true
	:: !done && !seen[1] -> seen[1] = true
	:: !done && !seen[2] -> seen[2] = true
	:: atomic { !done -> select(r : 0 .. 2) }; visit(r)
	:: atomic { opened[0] -> r = 0 }; free(r)
	:: atomic { opened[1] -> r = 1 }; free(r)
	:: done -> break
	od;
	/* the end of it must come, in whatever order */
	seen[0] = true;
	seen[1] = true;
	seen[2] = true;
	r = RINGS * RINGS;
	do
	:: r > 0 -> r--; visit(r % RINGS); free(r % RINGS)
	:: else -> break
	od;
	assert(at[0] == head[0] && at[1] == head[1] && at[2] == head[2])
}
