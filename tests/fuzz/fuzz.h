/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the fuzz targets share: reading an input piece by piece, and what must
 * hold of every record, whatever a host wrote.
 *
 * Each target is a program of libFuzzer's: build/fuzz with clang, meson setup
 * -Dfuzz=true; tests/cases/fuzz.py runs them.
 */
#ifndef LOGTAP_TESTS_FUZZ_H
#define LOGTAP_TESTS_FUZZ_H

#include "../../collector/export/batch.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* What is left of an input; a piece that is not there reads as zeros. */
struct fuzz_input {
	const uint8_t *data;
	size_t bytes;
};
uint64_t fuzz_number(struct fuzz_input *input, unsigned bytes);
/* At most @bytes, fewer at the end; *@out points into the input. */
size_t fuzz_take(struct fuzz_input *input, size_t bytes, const uint8_t **out);
/* A copy of exactly that size, so that a sanitizer sees a byte past it. */
uint8_t *fuzz_copy(const uint8_t *data, size_t bytes);
/* The same with a NUL behind it. */
char *fuzz_text(const uint8_t *data, size_t bytes);

#define FUZZ_CHECK(holds)                                                      \
	do {                                                                   \
		if (!(holds)) {                                                \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, \
				__LINE__, #holds);                             \
			abort();                                               \
		}                                                              \
	} while (0)

/* A batch: valid UTF-8, and of both encodings what others read is all of it. */
void fuzz_check_batch(const struct logtap_batch *batch);

#endif
