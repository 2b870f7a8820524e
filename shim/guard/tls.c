/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The thread-local struct: see the header. */
#include "tls.h"

_Thread_local struct logtap_tls logtap_tls
	__attribute__((tls_model("initial-exec")));
