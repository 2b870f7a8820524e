/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What an ELF file says about how it will be loaded.
 */
#ifndef LOGTAP_RUN_ELF_H
#define LOGTAP_RUN_ELF_H

#include <stdbool.h>
#include <stdint.h>

struct logtap_elf {
	unsigned bits;	  /* 32 or 64 */
	uint16_t machine; /* EM_* */
	bool native;	  /* of the class, byte order and machine of logtap */
	/* The rest is only known of a native file. */
	char interpreter[256]; /* dynamic loader; empty: statically linked */
	bool go;	       /* the Go tool chain linked it */
};

/* Positive results of logtap_elf_read(). */
enum {
	LOGTAP_ELF_NOT_ELF = 1,
	LOGTAP_ELF_DAMAGED = 2, /* what it says leads out of the file */
};

/* Reads the file open at @fd, with pread alone and within bounds, whatever it
 * says.  Return: 0, a positive result, or -errno. */
int logtap_elf_read(int fd, struct logtap_elf *elf);

uint16_t logtap_elf_own_machine(void);
/* "x86-64"; of a machine without a name here: "machine 123" in @scratch. */
const char *logtap_elf_machine_name(uint16_t machine, char scratch[32]);

#endif
