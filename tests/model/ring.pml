/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ring: publish, wrap, drop the newest or overwrite the oldest, release
 * (shim/ring/writer, collector/intake/ring.c).  Checked exhaustively by
 * tests/cases/model.py.
 *
 * Four blocks of two cells; a chunk is one or two cells and crosses no end of a
 * block.  Each cell of a chunk holds the same word, so one that is torn shows.
 *
 * The producer's stores do not become visible in its order: they wait in `late`
 * until the process `memory` commits them, in any order that the code's fences
 * and releases leave open.  So the model holds on machines that reorder stores;
 * the consumer's loads are in the order that its acquires demand.
 *
 * Each of these leaves out one thing that the protocol needs, and must fail:
 * control: NO_SECOND_LOOK
 * control: SECOND_LOOK_EARLY
 * control: FLOOR_UNFENCED
 * control: FLOOR_LATE
 * control: HEAD_RELAXED
 * control: TAIL_EARLY
 * control: HEAD_ALONE_AGAIN
 */
#define BLOCK 2
#define CELLS 8
#ifndef CHUNKS
#define CHUNKS 6 /* more than the cells hold, and once more */
#endif
#define WINDOW 4 /* of the consumer, in cells */

#define HEAD CELLS
#define FLOOR (CELLS + 1)
#define WORDS (CELLS + 2)
#ifndef LATE_MOST
#define LATE_MOST 2
#endif

#define WORD(number, cells) ((number) * 4 + (cells))
#define PAD 255

byte seen[WORDS]; /* what the consumer's loads find */
byte tail;

/* The producer's stores on their way: a bit a word, its value, and how many
 * fences came before it. */
short late;
byte value[WORDS];
byte fences[WORDS];
byte fence_count;
short before_head; /* must be visible before the head is */
byte late_count;
bool done;

byte floor_of_all; /* the producer's own */
/* Of those that the consumer has not yet come to. */
bool dropped[CHUNKS + 1];
byte place[CHUNKS + 1];

#define IS_LATE(word) ((late >> (word)) & 1)

inline store(word, what)
{
	atomic {
		!IS_LATE(word) && late_count < LATE_MOST;
		late = late | (1 << (word));
		late_count++;
		value[word] = what;
		fences[word] = fence_count
	}
}

inline fence()
{
	fence_count++
}

inline publish(what)
{
	atomic {
		!IS_LATE(HEAD);
#ifndef HEAD_RELAXED
		before_head = late;
#endif
		late = late | (1 << HEAD);
		late_count++;
		value[HEAD] = what;
		fences[HEAD] = fence_count
	}
}

/* One of the stores that no earlier fence holds back. */
active proctype memory()
{
	byte word, other;
	bool may;

	end: do
	:: atomic {
		late != 0 ->
		select(word : 0 .. FLOOR);
		may = IS_LATE(word);
		other = 0;
		do
		:: other < WORDS && may ->
			if
			:: IS_LATE(other) && fences[other] < fences[word] ->
				may = false
			:: word == HEAD && ((before_head & late) >> other) & 1
				-> may = false
			:: else
			fi;
			other++
		:: else -> break
		od;
		if
		:: may ->
			seen[word] = value[word];
			late = late & ~(1 << word);
			before_head = before_head & late;
			late_count--;
			/* forgotten, so that states that differ in nothing
			 * else are one */
			value[word] = 0;
			fences[word] = 0;
			if
			:: late == 0 -> fence_count = 0
			:: else
			fi
		:: else
		fi;
		word = 0; other = 0; may = false
	}
	od
}

active proctype producer()
{
	byte head, bound = CELLS, number = 1, cells, room, need, low, floor;

	do
	:: number > CHUNKS -> break
	:: number <= CHUNKS ->
		atomic {
			if
			:: cells = 1
			:: cells = 2
			fi;
			room = BLOCK - head % BLOCK;
			need = (cells <= room -> cells : room + cells)
		}
		if
		:: head + need > bound ->
			/* load-acquire of the tail */
			d_step {
				low = bound - CELLS;
				if
				:: tail > low -> low = tail
				:: else
				fi;
				bound = low + CELLS
			}
		:: else
		fi;
		if
		:: head + need > bound ->
			if
			:: atomic { /* the newest goes */
				dropped[number] = true;
				number++;
				goto next
			}
			:: atomic { /* or the oldest */
				floor = head + need - CELLS + BLOCK - 1;
				floor = floor - floor % BLOCK;
				bound = floor + CELLS;
				floor_of_all = floor
			};
#ifndef FLOOR_LATE
				store(FLOOR, floor);
#endif
#ifndef FLOOR_UNFENCED
				fence();
#endif
			fi
		:: else -> floor = 0
		fi;
		if
		:: cells > room ->
			store(head % CELLS, PAD);
			head = head + room
		:: else
		fi;
		place[number] = head;
		store(head % CELLS, WORD(number, cells));
		if
		:: cells == 2 ->
			store((head + 1) % CELLS, WORD(number, cells))
		:: else
		fi;
#ifdef FLOOR_LATE
		if
		:: floor -> store(FLOOR, floor)
		:: else
		fi;
#endif
		head = head + cells;
		publish(head);
		number++;
next:		skip
	od;
	done = true
}

/* What did not come, up to the chunk @upto, was dropped or overwritten. */
inline account(upto)
{
	do
	:: last < upto ->
		last++;
		assert(dropped[last] || place[last] < floor_of_all);
		dropped[last] = false;
		place[last] = 0
	:: else -> break
	od
}

active proctype consumer()
{
	byte copy[WINDOW];
	byte to, head, floor, start, at, end_of, word, last, i;

	do
	:: atomic {
		done && late == 0 && seen[HEAD] == to -> break
	}
	:: seen[HEAD] != to ->
		head = seen[HEAD];
		floor = seen[FLOOR];
#ifndef HEAD_ALONE_AGAIN
		do
		:: (floor > to -> floor : to) > head ||
		   head - (floor > to -> floor : to) > CELLS ->
			/* the producer ran on between the two */
			head = seen[HEAD];
			floor = seen[FLOOR]
		:: else -> break
		od;
		start = (floor > to -> floor : to);
#else
		start = (floor > to -> floor : to);
		if
		:: start > head -> head = seen[HEAD]
		:: else
		fi;
#endif
		/* else the ring would be given up as broken */
		assert(start <= head);
		assert(head - start <= CELLS);
		d_step {
			end_of = (head - start < WINDOW -> head
				: start + WINDOW);
			if
			:: end_of - start > CELLS - start % CELLS ->
				end_of = start + CELLS - start % CELLS
			:: else
			fi;
			i = 0
		}
#ifdef TAIL_EARLY
		tail = end_of;
#endif
#ifdef SECOND_LOOK_EARLY
		floor = seen[FLOOR];
#endif
		skip;
		do
		:: start + i < end_of ->
			copy[i] = seen[(start + i) % CELLS];
			i++
		:: else -> break
		od;
#if !defined(NO_SECOND_LOOK) && !defined(SECOND_LOOK_EARLY)
		floor = seen[FLOOR];
#endif
		skip;
		d_step {
			at = (floor > start -> floor : start);
			do
			:: at < end_of ->
				word = copy[at - start];
				if
				:: word == PAD -> at++
				:: word != PAD ->
					assert(word % 4 == 1 || word % 4 == 2);
					if
					:: at + word % 4 > end_of -> break
					:: else
					fi;
					/* whole, in order, once */
					assert(word % 4 == 1 ||
					       copy[at - start + 1] == word);
					assert(word / 4 > last);
					account(word / 4 - 1);
					last++;
					assert(!dropped[last]);
					place[last] = 0;
					at = at + word % 4
				fi
			:: else -> break
			od;
			to = (at > start -> at : start);
			i = 0
		}
		tail = to;
		d_step {
			i = 0;
			do
			:: i < WINDOW -> copy[i] = 0; i++
			:: else -> break
			od;
			head = 0; floor = 0; start = 0; at = 0; end_of = 0;
			word = 0; i = 0
		}
	od;
	skip;
	d_step {
		account(CHUNKS)
	}
}
