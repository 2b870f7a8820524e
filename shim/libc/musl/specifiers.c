/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* musl's printf knows no specifiers but its own. */
#include "../../hook/syslog.h"

bool logtap_printf_is_extended(void)
{
	return false;
}
