/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which library holds an address.
 *
 * By libc's own lock-free table of loaded objects where it has one (glibc 2.35),
 * else by the objects that were loaded at the start.  No lock, no system call;
 * safe everywhere.
 */
#ifndef LOGTAP_SHIM_OBJECT_H
#define LOGTAP_SHIM_OBJECT_H

#include <link.h>
#include <stddef.h>
#include <stdint.h>

/* Where an object lies: [start, end); empty if it has no segment. */
struct logtap_object_span {
	uintptr_t start, end;
};
struct logtap_object_span logtap_object_span(const struct dl_phdr_info *info);

/* In the constructor. */
void logtap_object_init(void);

/* Copies the last part of the path of what holds @address, cut to @room - 1
 * bytes: a library's, or the program's own.  Empty if unknown. */
void logtap_object_name(uintptr_t address, char *name, size_t room);

#endif
