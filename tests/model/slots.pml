/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots and their segment: claim, identity, death, drain, free for the next
 * generation, and the closing of the segment (shim/segment/slots.c, claim.c,
 * collector/intake/slot.c, reclaim.c).  A thread may be killed anywhere.
 *
 * A slot's word is its generation times four and its state.  What was
 * published is read once, as its own thread's; nobody is left in a segment that
 * is gone.
 *
 * -DRECYCLE: hosts take a dead thread's slot back by themselves, as they do
 * when they believe that no collector is there.  What was unread is then lost,
 * but never another thread's.
 *
 * control: DRAINED_THEN_DEAD
 * control: CLOSED_LAST
 * control: CLAIM_UNCHECKED
 * control: RECYCLE NO_NEW_GENERATION
 * control: RECYCLE NO_SECOND_LOOK
 * also: RECYCLE
 */
#define SLOTS 2
#ifndef HOSTS
#define HOSTS 2
#endif

#define FREE 0
#define CLAIMED 1
#define LIVE 2
#define STATE(word) ((word) % 4)
#define GENERATION(word) ((word) / 4)
#ifdef NO_NEW_GENERATION
#define NEXT(word) (GENERATION(word) * 4)
#else
#define NEXT(word) ((GENERATION(word) + 1) * 4)
#endif

byte word[SLOTS];
byte owner[SLOTS]; /* identity, written between claimed and live */
byte head[SLOTS];  /* chunks published */
byte mark[SLOTS];  /* whom the slot's chunks are of, as a reader would find */
bool dead[SLOTS];  /* the kernel's mark */
bool closed, unlinked;

byte written[HOSTS + 1];
byte read[HOSTS + 1];
bool lost[HOSTS + 1];
byte ended;

inline take(slot)
{
	/* a new generation begins with vacant rings, and alive */
	head[slot] = 0;
	dead[slot] = false;
	owner[slot] = me;
	mark[slot] = me
}

inline try_claim(slot)
{
	old = word[slot];
	if
#ifdef RECYCLE
	:: STATE(old) == LIVE && dead[slot] ->
		atomic {
			if
			:: word[slot] == old ->
				word[slot] = NEXT(old) + CLAIMED;
				lost[mark[slot]] = true;
				have = true
			:: else
			fi
		}
#endif
	:: STATE(old) == FREE ->
		atomic {
			if
			:: word[slot] == old ->
				word[slot] = old + CLAIMED;
				have = true
			:: else
			fi
		}
	:: else
	fi;
#ifndef CLAIM_UNCHECKED
	if
	:: have && closed ->
		word[slot] = GENERATION(word[slot]) * 4;
		have = false
	:: else
	fi
#endif
}

proctype host(byte me)
{
	byte old, slot;
	bool have;

	try_claim(0);
	if
	:: !have -> slot = 1; try_claim(1)
	:: else
	fi;
	if
	:: have ->
		if
		:: goto killed /* in its claim: no mark */
		:: skip
		fi;
		take(slot);
		word[slot] = GENERATION(word[slot]) * 4 + LIVE;
		assert(!unlinked);
		if
		:: atomic { head[slot] = 1; written[me] = 1 };
			if
			:: atomic { head[slot] = 2; written[me] = 2 }
			:: skip
			fi
		:: skip
		fi;
		assert(!unlinked);
		dead[slot] = true
	:: else
	fi;
killed:
	ended++
}

init {
	atomic {
		run host(1);
		run host(2);
		if
		:: HOSTS > 2 -> run host(3)
		:: else
		fi;
		run collector()
	}
}

bool opened[SLOTS];
byte generation[SLOTS];
byte who[SLOTS];
byte at[SLOTS];
bool was_dead[SLOTS];

inline open(s)
{
	generation[s] = GENERATION(seen);
	who[s] = owner[s];
	at[s] = 0;
	was_dead[s] = false;
	/* what was copied is this generation's only if it still is */
	opened[s] = GENERATION(word[s]) == generation[s]
}

inline visit(s)
{
	seen = word[s];
	if
	:: opened[s] && GENERATION(seen) != generation[s] -> opened[s] = false
	:: else
	fi;
	if
	:: !opened[s] && STATE(seen) == LIVE -> open(s)
	:: else
	fi;
	if
	:: opened[s] && STATE(seen) == LIVE ->
		until = head[s];
		found = mark[s]; /* in the copy */
#ifdef NO_SECOND_LOOK
		same = true;
#else
		same = GENERATION(word[s]) == generation[s];
#endif
		if
		:: same && until > at[s] ->
			assert(found == who[s]);
			read[found] = read[found] + until - at[s];
			at[s] = until
		:: else
		fi
	:: else
	fi;
	seen = 0; until = 0; found = 0; same = false
}

/* Dead first, then drained: nothing can come behind that. */
inline reclaim(s)
{
	seen = word[s];
	if
	:: opened[s] && STATE(seen) == LIVE &&
	   GENERATION(seen) == generation[s] ->
#ifdef DRAINED_THEN_DEAD
		same = head[s] <= at[s];
		was_dead[s] = dead[s];
		if
		:: same && was_dead[s] ->
#else
		if
		:: !was_dead[s] -> was_dead[s] = dead[s]
		:: was_dead[s] && head[s] <= at[s] ->
#endif
			opened[s] = false;
			atomic {
				if
				:: word[s] == seen ->
					word[s] = NEXT(seen)
				:: else
				fi
			}
		:: else
		fi
	:: STATE(seen) == CLAIMED && ended == HOSTS ->
		/* nobody has it mapped, so nobody will end the claim */
		atomic {
			if
			:: word[s] == seen -> word[s] = NEXT(seen)
			:: else
			fi
		}
	:: else
	fi;
	seen = 0; same = false
}

proctype collector()
{
	byte seen, until, found;
	bool same, vacant;

	do
	:: visit(0)
	:: visit(1)
	:: reclaim(0)
	:: reclaim(1)
	:: /* its creator seems to be gone */
		if
		:: !opened[0] && !opened[1] ->
#ifdef CLOSED_LAST
			vacant = STATE(word[0]) == FREE;
			vacant = vacant && STATE(word[1]) == FREE;
			closed = true;
#else
			closed = true;
			vacant = STATE(word[0]) == FREE;
			vacant = vacant && STATE(word[1]) == FREE;
#endif
			if
			:: vacant -> unlinked = true; break
			:: else
			fi
		:: else
		fi
	:: ended == HOSTS && STATE(word[0]) == FREE &&
	   STATE(word[1]) == FREE && !opened[0] && !opened[1] -> break
	od;
	skip;
	d_step {
		until = 1;
		do
		:: until <= HOSTS ->
			assert(read[until] == written[until] || lost[until]);
			until++
		:: else -> break
		od
	}
}
