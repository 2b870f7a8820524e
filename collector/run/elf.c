/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What an ELF file says about how it will be loaded: see the header.  Every
 * number in it is a stranger's: bounded first, then used. */
#include "elf.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	SEGMENTS_MAX = 128,
	NOTES_BYTES_MAX = 4096,
};

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__i386__)
#define OWN_MACHINE EM_386
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__arm__)
#define OWN_MACHINE EM_ARM
#elif defined(__riscv)
#define OWN_MACHINE EM_RISCV
#elif defined(__s390x__)
#define OWN_MACHINE EM_S390
#elif defined(__powerpc64__)
#define OWN_MACHINE EM_PPC64
#else
#error "name this machine"
#endif
#define OWN_BITS __ELF_NATIVE_CLASS

struct image {
	int fd;
	unsigned segments;
	ElfW(Phdr) segment[SEGMENTS_MAX];
};

/* Return: 0; LOGTAP_ELF_DAMAGED when the file ends before; -errno. */
static int read_at(int fd, void *out, size_t size, uint64_t offset)
{
	if (offset > INT64_MAX - size)
		return LOGTAP_ELF_DAMAGED;
	ssize_t got = pread(fd, out, size, (off_t)offset);
	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : LOGTAP_ELF_DAMAGED;
}

/* A string that ends within @out; the file may end before @out does. */
static int read_text(int fd, char *out, size_t size, uint64_t offset)
{
	if (offset > INT64_MAX - size)
		return LOGTAP_ELF_DAMAGED;
	ssize_t got = pread(fd, out, size, (off_t)offset);
	if (got < 0)
		return -errno;
	if (!memchr(out, '\0', (size_t)got)) {
		*out = '\0';
		return LOGTAP_ELF_DAMAGED;
	}
	return 0;
}

static int read_segments(struct image *image)
{
	ElfW(Ehdr) header;
	int error = read_at(image->fd, &header, sizeof(header), 0);
	if (error)
		return error;
	if (header.e_phentsize != sizeof(ElfW(Phdr)) ||
	    header.e_phnum > SEGMENTS_MAX)
		return LOGTAP_ELF_DAMAGED;
	image->segments = header.e_phnum;
	return read_at(image->fd, image->segment,
		       image->segments * sizeof(ElfW(Phdr)), header.e_phoff);
}

static int read_notes(const struct image *image, const ElfW(Phdr) * segment,
		      struct logtap_elf *elf)
{
	unsigned char notes[NOTES_BYTES_MAX];
	size_t size = segment->p_filesz;
	if (size > sizeof(notes))
		size = sizeof(notes);
	int error = read_at(image->fd, notes, size, segment->p_offset);
	if (error)
		return error;
	for (size_t at = 0; size - at >= sizeof(ElfW(Nhdr));) {
		ElfW(Nhdr) note;
		memcpy(&note, notes + at, sizeof(note));
		at += sizeof(note);
		size_t name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		size_t description = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		if (name > size - at)
			break;
		if (note.n_namesz == 4 && !memcmp(notes + at, "Go\0", 4))
			elf->go = true;
		at += name;
		if (description > size - at)
			break;
		at += description;
	}
	return 0;
}

static int read_native(int fd, struct logtap_elf *elf)
{
	struct image image = {.fd = fd};
	int error = read_segments(&image);
	for (unsigned i = 0; !error && i < image.segments; i++) {
		const ElfW(Phdr) *segment = &image.segment[i];
		if (segment->p_type == PT_INTERP)
			error = read_text(fd, elf->interpreter,
					  sizeof(elf->interpreter),
					  segment->p_offset);
		else if (segment->p_type == PT_NOTE)
			error = read_notes(&image, segment, elf);
	}
	return error;
}

int logtap_elf_read(int fd, struct logtap_elf *elf)
{
	/* Identification, type and machine stand at the same place in both
	 * classes. */
	unsigned char head[EI_NIDENT + 4];
	*elf = (struct logtap_elf){0};
	int error = read_at(fd, head, sizeof(head), 0);
	if (error < 0)
		return error;
	if (error || memcmp(head, ELFMAG, SELFMAG))
		return LOGTAP_ELF_NOT_ELF;

	const unsigned char *machine = head + EI_NIDENT + 2;
	elf->bits = head[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	elf->machine = head[EI_DATA] == ELFDATA2LSB
			       ? (uint16_t)(machine[0] | machine[1] << 8)
			       : (uint16_t)(machine[1] | machine[0] << 8);
	elf->native = elf->bits == OWN_BITS && head[EI_DATA] == OWN_ORDER &&
		      elf->machine == OWN_MACHINE;
	return elf->native ? read_native(fd, elf) : 0;
}

uint16_t logtap_elf_own_machine(void)
{
	return OWN_MACHINE;
}

const char *logtap_elf_machine_name(uint16_t machine, char scratch[32])
{
	switch (machine) {
	case EM_386:
		return "i386";
	case EM_X86_64:
		return "x86-64";
	case EM_ARM:
		return "ARM";
	case EM_AARCH64:
		return "AArch64";
	case EM_RISCV:
		return "RISC-V";
	case EM_PPC64:
		return "PowerPC 64";
	case EM_S390:
		return "S/390";
	case EM_MIPS:
		return "MIPS";
	}
	snprintf(scratch, 32, "machine %u", machine);
	return scratch;
}
