/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The auxiliary vector, which the kernel puts behind the environment.
 *
 * Not by getauxval(3): glibc has that since 2.16 only, and a program that brings
 * an older libc would be kept from starting by its loader.
 */
#ifndef LOGTAP_SHIM_AUXV_H
#define LOGTAP_SHIM_AUXV_H

#include <elf.h>

/* In the constructor, before all else.  @argv: as the kernel put it there. */
void logtap_auxv_init(int argc, char **argv);

/* @type: AT_...  Return: 0 if it is not in the vector.  Any thread. */
unsigned long logtap_auxv(unsigned long type);

#endif
