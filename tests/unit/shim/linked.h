/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * logtap.h for tests that link the library's logic instead of preloading it:
 * plain calls.
 */
#ifndef LOGTAP_TEST_SHIM_LINKED_H
#define LOGTAP_TEST_SHIM_LINKED_H

#define LOGTAP_WEAK
#define LOGTAP_CALL(function, arguments, otherwise) ((function)arguments)
#define LOGTAP_DO(function, arguments) ((function)arguments)
#define LOGTAP_FILL(function, arguments, out) ((function)arguments)
#include <logtap/logtap.h>

#endif
