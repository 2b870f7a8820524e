/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What C++ tests need of the fixture, whose own header is C.
 */
#ifndef LOGTAP_TEST_SHIM_LINKED_CXX_H
#define LOGTAP_TEST_SHIM_LINKED_CXX_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void shim_begin_plain(void);
void shim_end(void);
/* Chunks that the calling thread produced. */
uint64_t shim_chunks(void);
/* Captures a string as a line of stderr.  Return: was it stored? */
bool say(const char *text);

#ifdef __cplusplus
}
#endif

#endif
