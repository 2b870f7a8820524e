/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the process: see the header. */
#include "state.h"

/* What lies before it fills about a page and is read and written by all, too. */
LOGTAP_BSS("3state")
_Alignas(LOGTAP_PAGE_BYTES) struct logtap_state logtap_state;
_Atomic uint32_t logtap_armed_word;
