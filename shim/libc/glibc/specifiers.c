/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* printf specifiers of the host's own: formatting then runs its code. */
#include "../../hook/syslog.h"
#include "../../real.h"

#include <stdatomic.h>

/* A specifier of the host's own exists: formatting runs its code. */
static _Atomic uint32_t custom_specifiers;

bool logtap_printf_is_extended(void)
{
	return atomic_load_explicit(&custom_specifiers, memory_order_relaxed);
}

int logtap_on_register_printf_function(int specifier, printf_function *convert,
				       printf_arginfo_function *arginfo)
{
	atomic_store(&custom_specifiers, 1);
	return logtap_real.register_printf_function(specifier, convert,
						    arginfo);
}

int logtap_on_register_printf_specifier(int specifier, printf_function *convert,
					printf_arginfo_size_function *arginfo)
{
	atomic_store(&custom_specifiers, 1);
	return logtap_real.register_printf_specifier(specifier, convert,
						     arginfo);
}
