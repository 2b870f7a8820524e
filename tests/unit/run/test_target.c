/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The program to be captured: found as execvp would, judged by its ELF file. */
#include "../../../collector/run/target.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct logtap_target target;

static void put(const char *name, const void *data, size_t size, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, data, size), (ssize_t)size);
	cr_assert_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text), 0755);
}

/* An ELF file with one PT_INTERP; then it is taken apart by each test. */
struct tiny {
	ElfW(Ehdr) header;
	ElfW(Phdr) segment[3];
	char interpreter[64];
	char notes[64];
};

static struct tiny tiny(const char *interpreter)
{
	struct tiny file = {
		.header =
			{
				.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
					    __ELF_NATIVE_CLASS == 64
						    ? ELFCLASS64
						    : ELFCLASS32,
					    ELFDATA2LSB, EV_CURRENT},
				.e_type = ET_DYN,
				.e_machine = logtap_elf_own_machine(),
				.e_phoff = offsetof(struct tiny, segment),
				.e_phentsize = sizeof(ElfW(Phdr)),
				.e_phnum = 3,
			},
		.segment =
			{
				{.p_type = PT_LOAD,
				 .p_vaddr = 0x1000,
				 .p_filesz = sizeof(struct tiny)},
				{.p_type = PT_INTERP,
				 .p_offset = offsetof(struct tiny, interpreter),
				 .p_filesz = strlen(interpreter) + 1},
			},
	};
	strcpy(file.interpreter, interpreter);
	return file;
}

static int look(const char *name, const void *data, size_t size)
{
	put(name, data, size, 0755);
	return logtap_target_look(name, &target);
}

static void assert_explained(bool piped, const char *expected)
{
	char text[512];
	logtap_target_explain(&target, piped, text, sizeof(text));
	cr_assert_str_eq(text, expected);
}

TestSuite(target, .init = folder_begin, .fini = folder_end);

Test(target, this_test_itself_is_dynamic_and_can_be_captured)
{
	cr_assert_eq(logtap_target_look("/proc/self/exe", &target), 0);
	cr_assert(target.known);
	cr_assert(target.elf.native);
	cr_assert_neq(target.elf.interpreter[0], '\0');
	cr_assert_eq(target.fault, LOGTAP_TARGET_FINE);
	cr_assert(logtap_target_loads_preload(&target));
}

Test(target, a_compiled_static_program_is_recognised)
{
	cr_assert_eq(logtap_target_look(getenv("LOGTAP_TEST_STATIC"), &target),
		     0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_STATIC);
	cr_assert(logtap_target_loads_preload(&target));
}

Test(target, a_musl_program_gets_no_glibc_library)
{
	struct tiny file = tiny("/lib/ld-musl-x86_64.so.1");
	cr_assert_eq(look("./a", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_MUSL);
	cr_assert_not(logtap_target_loads_preload(&target));
	assert_explained(false,
			 "./a: linked with musl (/lib/ld-musl-x86_64.so.1), "
			 "and no liblogtap.so for musl is installed beside the "
			 "one for glibc; nothing is captured");
	logtap_target_allow_musl(&target);
	cr_assert_eq(target.fault, LOGTAP_TARGET_FINE);
	cr_assert(logtap_target_loads_preload(&target));
}

Test(target, another_machine_or_word_size_gets_no_library)
{
	struct tiny file = tiny("/lib/ld-linux.so.2");
	file.header.e_machine = EM_SPARCV9;
	cr_assert_eq(look("./a", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_FOREIGN);
	cr_assert_eq(target.elf.machine, EM_SPARCV9);
	cr_assert_not(logtap_target_loads_preload(&target));

	file.header.e_ident[EI_DATA] = ELFDATA2MSB;
	file.header.e_machine = (uint16_t)(EM_MIPS << 8);
	cr_assert_eq(look("./a", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_FOREIGN);
	cr_assert_eq(target.elf.machine, EM_MIPS);

	file = tiny("/lib/ld-linux.so.2");
	file.header.e_ident[EI_CLASS] = ELFCLASS32;
	file.header.e_machine = EM_386;
	cr_assert_eq(look("./a", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_FOREIGN);
	cr_assert_eq(target.elf.bits, 32);
}

Test(target, a_program_without_a_loader_is_static)
{
	struct tiny file = tiny("x");
	file.segment[1].p_type = PT_NULL;
	cr_assert_eq(look("./a", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_STATIC);
	assert_explained(false,
			 "./a: statically linked, no library can be loaded "
			 "into it; its own messages are not captured, those of "
			 "other programs that it starts are");
	assert_explained(true,
			 "./a: statically linked, no library can be loaded "
			 "into it; its standard error is captured through a "
			 "pipe, syslog is not");
	cr_assert(logtap_target_needs_pipe(&target));
	/* Except the loader itself. */
	cr_assert_eq(look("./ld-linux-x86-64.so.2", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_FINE);
}

Test(target, a_go_program_is_recognised_by_its_note)
{
	struct tiny file = tiny("/lib64/ld-linux-x86-64.so.2");
	static const ElfW(Nhdr)
		note = {.n_namesz = 4, .n_descsz = 4, .n_type = 4};
	file.segment[2] = (ElfW(Phdr)){
		.p_type = PT_NOTE,
		.p_offset = offsetof(struct tiny, notes),
		.p_filesz = sizeof(note) + 8,
	};
	memcpy(file.notes, &note, sizeof(note));
	memcpy(file.notes + sizeof(note), "Go\0", 4);
	cr_assert_eq(look("./a", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_GO);
	file.segment[1].p_type = PT_NULL;
	cr_assert_eq(look("./a", &file, sizeof(file)), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_GO);
}

Test(target, a_set_user_id_program_of_another_user_is_recognised)
{
	/* What counts is whether privileges would change hands. */
	struct tiny file = tiny("/lib64/ld-linux-x86-64.so.2");
	put("a", &file, sizeof(file), 04755);
	cr_assert_eq(logtap_target_look("./a", &target), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_FINE);
	if (getuid() != 0)
		return; /* only root gives files away */
	cr_assert_eq(chown("a", 65534, 65534), 0);
	cr_assert_eq(chmod("a", 04755), 0);
	cr_assert_eq(logtap_target_look("./a", &target), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_SET_ID);
	cr_assert_eq(chmod("a", 02755), 0);
	cr_assert_eq(logtap_target_look("./a", &target), 0);
	cr_assert_eq(target.fault, LOGTAP_TARGET_SET_ID);
}

Test(target, no_cut_or_bent_file_leads_out_of_bounds)
{
	struct tiny whole = tiny("/lib64/ld-linux-x86-64.so.2");
	for (size_t size = 0; size < sizeof(whole); size++)
		cr_assert_eq(look("./a", &whole, size), 0);
	for (size_t i = EI_NIDENT; i < sizeof(whole); i++) {
		struct tiny bent = whole;
		((unsigned char *)&bent)[i] = 0xff;
		cr_assert_eq(look("./a", &bent, sizeof(bent)), 0);
	}
	memset((char *)&whole.segment, 0xff, sizeof(whole.segment));
	cr_assert_eq(look("./a", &whole, sizeof(whole)), 0);
}

Test(target, scripts_are_followed_to_the_program_that_is_loaded)
{
	put_text("one", "#! /bin/sh -e\necho\n");
	cr_assert_eq(logtap_target_look("./one", &target), 0);
	cr_assert(target.script);
	cr_assert_str_eq(target.path, "./one");
	cr_assert_str_eq(target.image, "/bin/sh");
	put_text("two", "#!./one");
	cr_assert_eq(logtap_target_look("./two", &target), 0);
	cr_assert_str_eq(target.image, "/bin/sh");
	cr_assert(target.known);
}

Test(target, env_is_followed_to_what_it_starts)
{
	cr_assert_eq(setenv("PATH", "/nonexistent:/bin", 1), 0);
	put_text("one", "#!/usr/bin/env sh\n");
	cr_assert_eq(logtap_target_look("./one", &target), 0);
	cr_assert_str_eq(target.image, "/bin/sh");
	put_text("two", "#!/usr/bin/env -S sh -e\n");
	cr_assert_eq(logtap_target_look("./two", &target), 0);
	cr_assert_str_eq(target.image, "/bin/sh");
	put_text("three", "#!/usr/bin/env A=1 sh\n");
	cr_assert_eq(logtap_target_look("./three", &target), 0);
	cr_assert_str_eq(target.image, "/usr/bin/env");
}

Test(target, scripts_that_cannot_run_are_errors)
{
	put_text("lost", "#!/nonexistent/sh\n");
	cr_assert_eq(logtap_target_look("./lost", &target), ENOENT);
	put_text("loop", "#!./loop\n");
	cr_assert_eq(logtap_target_look("./loop", &target), ELOOP);
	put_text("empty", "#!\n");
	cr_assert_eq(logtap_target_look("./empty", &target), ENOEXEC);
}

Test(target, a_text_without_a_first_line_is_for_the_shell)
{
	put_text("text", "echo\n");
	cr_assert_eq(logtap_target_look("./text", &target), 0);
	cr_assert_not(target.known);
	cr_assert_eq(target.fault, LOGTAP_TARGET_FINE);
}

Test(target, the_search_is_that_of_execvp)
{
	mkdir("p", 0755);
	mkdir("q", 0755);
	put("p/tool", "x", 1, 0644);
	put("q/tool", "x", 1, 0755);
	mkdir("p/dir", 0755);
	cr_assert_eq(setenv("PATH", "nowhere:p:q", 1), 0);
	cr_assert_eq(logtap_target_look("tool", &target), 0);
	cr_assert_str_eq(target.path, "q/tool");
	cr_assert_eq(setenv("PATH", "p", 1), 0);
	cr_assert_eq(logtap_target_look("tool", &target), EACCES);
	cr_assert_eq(logtap_target_look("dir", &target), EACCES);
	cr_assert_eq(logtap_target_look("none", &target), ENOENT);
	cr_assert_eq(logtap_target_look("", &target), ENOENT);
	cr_assert_eq(setenv("PATH", ":x", 1), 0);
	put("here", "x", 1, 0755);
	cr_assert_eq(logtap_target_look("here", &target), 0);
	cr_assert_str_eq(target.path, "here");
}
