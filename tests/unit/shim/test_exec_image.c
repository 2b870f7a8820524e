/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* For which machine a program is, told by its file, without harm to it. */
#include "../../../shim/hook/exec.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../run/folder.h"

static bool foreign(const char *path, bool search)
{
	return logtap_exec_is_foreign(
		&(struct logtap_exec_file){AT_FDCWD, path, search});
}

static void put_bytes(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, size, file), size);
	fclose(file);
	cr_assert_eq(chmod(path, 0755), 0);
}

static void put_text(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

/* The header of this test, changed. */
static Elf64_Ehdr own_header(void)
{
	Elf64_Ehdr header;
	int fd = open("/proc/self/exe", O_RDONLY);

	cr_assert_eq(read(fd, &header, sizeof header), sizeof header);
	close(fd);
	return header;
}

static void put_other_size(const char *path)
{
	Elf64_Ehdr header = own_header();

	header.e_ident[EI_CLASS] = ELFCLASS32;
	put_bytes(path, &header, sizeof header);
}

static void put_other_machine(const char *path)
{
	Elf64_Ehdr header = own_header();

	header.e_machine = EM_SPARCV9;
	put_bytes(path, &header, sizeof header);
}

TestSuite(exec_image, .init = folder_begin, .fini = folder_end);

Test(exec_image, what_this_test_is_built_for_is_not_foreign)
{
	cr_assert_not(foreign("/proc/self/exe", false));
	cr_assert_not(foreign("sh", true));
}

Test(exec_image, another_word_size_machine_or_byte_order_is)
{
	Elf64_Ehdr header = own_header();

	put_other_size("size");
	cr_assert(foreign("./size", false));
	put_other_machine("machine");
	cr_assert(foreign("./machine", false));
	header.e_ident[EI_DATA] = header.e_ident[EI_DATA] == ELFDATA2LSB
					  ? ELFDATA2MSB
					  : ELFDATA2LSB;
	put_bytes("order", &header, sizeof header);
	cr_assert(foreign("order", false));
	put_bytes("cut", &header, offsetof(Elf64_Ehdr, e_machine) + 1);
	cr_assert_not(foreign("cut", false));
}

static bool has_no_loader(const Elf64_Word *types, size_t count, long size)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr parts[8];
	} file = {.header = own_header()};

	file.header.e_phoff = sizeof file.header;
	file.header.e_phnum = (Elf64_Half)count;
	for (size_t i = 0; i < count; i++)
		file.parts[i].p_type = types[i];
	return logtap_exec_is_static((const char *)&file, size);
}

Test(exec_image, a_program_without_a_loader_is_static)
{
	static const Elf64_Word dynamic[] = {PT_PHDR, PT_INTERP, PT_LOAD};
	static const Elf64_Word plain[] = {PT_LOAD, PT_LOAD};
	static const Elf64_Word noted[] = {PT_NOTE, PT_LOAD, PT_INTERP};
	static const Elf64_Word late[] = {PT_NOTE, PT_NOTE, PT_NOTE, PT_LOAD};
	char head[256];
	int fd = open("/proc/self/exe", O_RDONLY);

	cr_assert_eq(read(fd, head, sizeof head), sizeof head);
	close(fd);
	cr_assert_not(logtap_exec_is_static(head, sizeof head));
	cr_assert_not(has_no_loader(dynamic, 3, 256));
	cr_assert(has_no_loader(plain, 2, 256));
	cr_assert(has_no_loader(noted, 3, 256));
	/* What is beyond the bytes that were read is not known. */
	cr_assert_not(has_no_loader(late, 4, 256));
	cr_assert_not(has_no_loader(plain, 0, 256));
	cr_assert_not(has_no_loader(plain, 2, sizeof(Elf64_Ehdr) + 8));
	cr_assert_not(has_no_loader(plain, 2, 20));
	cr_assert_not(logtap_exec_is_static("#!/bin/sh\n", 10));
}

Test(exec_image, a_script_is_what_its_interpreter_is)
{
	char here[256], text[512];

	put_other_size("size");
	put_text("script", "#! \tsize  with an argument\n");
	cr_assert(foreign("script", false));
	put_text("second", "#!script\nx");
	cr_assert(foreign("second", false));
	put_text("unended", "#!size");
	cr_assert(foreign("unended", false));
	cr_assert_not_null(getcwd(here, sizeof here));
	snprintf(text, sizeof text, "#!%s/size\n", here);
	put_text("absolute", text);
	cr_assert(foreign("absolute", false));
	put_text("native", "#!/bin/sh\nsize\n");
	cr_assert_not(foreign("native", false));
	put_text("nothing", "#!");
	cr_assert_not(foreign("nothing", false));
	put_text("blank", "#! \n");
	cr_assert_not(foreign("blank", false));
}

Test(exec_image, scripts_without_end_are_given_up, .timeout = 30)
{
	char line[600] = "#!/";

	put_text("itself", "#!itself\n");
	cr_assert_not(foreign("itself", false));
	memset(line + 3, 'x', sizeof line - 4);
	put_text("long", line);
	cr_assert_not(foreign("long", false));
}

Test(exec_image, a_name_is_looked_for_as_execvp_does)
{
	char room[5000];

	cr_assert_eq(mkdir("first", 0755), 0);
	cr_assert_eq(mkdir("second", 0755), 0);
	put_other_size("second/program");
	put_text("first/program", "not executable");
	cr_assert_eq(chmod("first/program", 0644), 0);
	setenv("PATH", "nowhere:first:second:/bin", 1);
	cr_assert(getuid() == 0 || foreign("program", true));
	setenv("PATH", "nowhere:second", 1);
	cr_assert(foreign("program", true));
	cr_assert_not(foreign("program", false), "only in this folder");
	cr_assert_not(foreign("another", true));
	/* "" is this folder, at the beginning, in the middle and at the end. */
	put_other_machine("here");
	setenv("PATH", ":first", 1);
	cr_assert(foreign("here", true));
	setenv("PATH", "first::second", 1);
	cr_assert(foreign("here", true));
	setenv("PATH", "first:", 1);
	cr_assert(foreign("here", true));
	/* With a slash it is not looked for. */
	cr_assert_not(foreign("x/here", true));
	memset(room, 'x', sizeof room - 1);
	room[sizeof room - 1] = '\0';
	setenv("PATH", room, 1);
	cr_assert_not(foreign("here", true));
	unsetenv("PATH");
	cr_assert_not(foreign("sh", true));
}

Test(exec_image, what_is_open_or_relative_to_a_folder)
{
	struct logtap_exec_file file = {0};

	put_other_size("size");
	file.directory = open("size", O_RDONLY);
	cr_assert(logtap_exec_is_foreign(&file));
	cr_assert_eq(lseek(file.directory, 0, SEEK_CUR), 0, "not moved");
	close(file.directory);
	cr_assert_not(logtap_exec_is_foreign(&file), "closed");
	file.directory = open(".", O_RDONLY | O_DIRECTORY);
	cr_assert_not(logtap_exec_is_foreign(&file), "a folder");
	file.path = "size";
	cr_assert_eq(chdir("/"), 0);
	cr_assert(logtap_exec_is_foreign(&file));
}

Test(exec_image, what_cannot_be_read_is_let_alone, .timeout = 30)
{
	cr_assert_eq(mkfifo("fifo", 0755), 0);
	cr_assert_not(foreign("fifo", false), "and is not waited for");
	cr_assert_not(foreign("missing", false));
	cr_assert_not(foreign(".", false));
	cr_assert_not(foreign("", false));
	cr_assert_not(foreign(NULL, false));
	cr_assert_not(foreign((const char *)8, false), "a bad pointer");
	put_text("empty", "");
	cr_assert_not(foreign("empty", false));
}

Test(exec_image, no_descriptor_stays_open)
{
	int before = dup(0), after;

	put_other_size("size");
	foreign("size", false);
	foreign("sh", true);
	after = dup(0);
	cr_assert_eq(after, before + 1);
}
