/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of a process that a test makes. */
#ifndef LOGTAP_TEST_PYTHON_FIXTURE_H
#define LOGTAP_TEST_PYTHON_FIXTURE_H

#include "../../../collector/loops/stack/python_private.h"

enum { LOW = 0x100000, WORDS = 8192, TYPE = 0x7000 };
extern uint64_t words[WORDS]; /* at LOW */

/* For logtap_python_memory.  @context: a size_t that counts. */
bool read_words(void *context, uint64_t address, void *to, size_t bytes);

#endif
