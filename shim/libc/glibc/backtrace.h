/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * backtrace_symbols_fd(3), as each version of glibc writes it.
 */
#ifndef LOGTAP_LIBC_BACKTRACE_H
#define LOGTAP_LIBC_BACKTRACE_H

/* In the constructor. */
void logtap_backtrace_init(const char *libc_version);

#endif
