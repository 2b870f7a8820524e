/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the process: see the header. */
#include "state.h"

LOGTAP_BSS("3state") struct logtap_state logtap_state;
_Atomic uint32_t logtap_armed_word;
