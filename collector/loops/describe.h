/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The parts of a loop's description: describe.c, cycle.c, proof.c and advice.c.
 * Under the lock.
 */
#ifndef LOGTAP_LOOPS_DESCRIBE_H
#define LOGTAP_LOOPS_DESCRIBE_H

#include "model.h"

enum { LOGTAP_LOOPS_DESCRIBED_BYTES = 320 };

/* What a program wrote, as a part of JSON. */
json_t *logtap_loops_text(const char *value);

/* cycle.c: the way round, and what makes one of it. */
json_t *logtap_loops_cycle(const struct logtap_loops_loop *loop);
void logtap_loops_closes(const struct logtap_loops_loop *loop, char *out,
			 size_t out_bytes);

/* advice.c: "export (src/main.c:80)", what writes its records, as far as a stack
 * says so; "" if it is not known, or an interpreter's. */
void logtap_loops_place(const struct logtap_loops_loop *loop, char *out,
			size_t out_bytes);

/* python.c: {"frames":[...],"seen":N,"samples":N,"not_read":"..."}; NULL: it is
 * no Python program, as far as is known. */
json_t *logtap_loops_python_json(const struct logtap_loops_loop *loop);

/* cycle.c: the thread that closes it, and where that came from; NULL: it is not
 * one thread, or nothing is known of it. */
json_t *logtap_loops_thread(const struct logtap_loops_loop *loop);

/* proof.c: what is seen of it, in words, and what proves it. */
json_t *logtap_loops_signs(const struct logtap_loops_loop *loop);
json_t *logtap_loops_proofs(const struct logtap_loops_proof *proof);

/* proof.c: which of k and B is not measured, and why; "" if both are. */
void logtap_loops_unmeasured(struct logtap_loops *loops,
			     const struct logtap_loops_loop *loop, char *out,
			     size_t out_bytes);

/* advice.c: the logger that a line names, "" if it names none; and what to
 * change in the program. */
void logtap_loops_logger(const char *sample, char *out, size_t out_bytes);
void logtap_loops_fix(const struct logtap_loops_loop *loop, const char *logger,
		      char *out, size_t out_bytes);

#endif
