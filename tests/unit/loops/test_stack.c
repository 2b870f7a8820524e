/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Unwinding: stacks of this very process, and whatever a host could put into
 * its ring instead. */
#include "../../../collector/loops/stack/private.h"
#include "../../../collector/loops/stack/stack.h"

#include <criterion/criterion.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct logtap_unwinder *unwinder;
static struct logtap_process process;
static uint64_t entry; /* of a function of the library */

int logtap_stand_in(int value);

static void begin(void)
{
	entry = (uintptr_t)logtap_stand_in;
	process.pid = (uint32_t)getpid();
	unwinder = logtap_unwinder_new();
	cr_assert(unwinder);
}

static void end(void)
{
	logtap_unwinder_free(unwinder);
}

TestSuite(stack, .init = begin, .fini = end, .timeout = 60);

__attribute__((noinline)) void a_known_place(void);
void a_known_place(void)
{
	__asm__ volatile("");
}

#if defined(__x86_64__)
enum { REGISTERS = LOGTAP_STACK_REGISTERS_X86_64, SP = 7 };
static const enum logtap_stack_arch arch = LOGTAP_STACK_X86_64;
#else
enum { REGISTERS = LOGTAP_STACK_REGISTERS_AARCH64, SP = 31 };
static const enum logtap_stack_arch arch = LOGTAP_STACK_AARCH64;
#endif

/* The library's function was just called from @caller. */
static struct logtap_stack_view called_from(uint64_t caller, uint64_t *slice,
					    size_t words)
{
	struct logtap_stack_view view = {
		.arch = arch,
		.registers = REGISTERS,
		.low = 0x7f0000001000,
		.slice = (unsigned char *)slice,
		.slice_bytes = words * sizeof(*slice),
	};

	view.values[SP] = view.low;
	view.values[REGISTERS - 1] = entry;
#if defined(__x86_64__)
	slice[0] = caller;
#else
	view.values[30] = caller;
#endif
	return view;
}

Test(stack, a_caller_is_named_with_its_file_and_the_library_is_left_out)
{
	uint64_t slice[64] = {0};
	struct logtap_stack_view view =
		called_from((uintptr_t)a_known_place + 1, slice, 64);
	const struct logtap_stack_trace *trace =
		logtap_unwind(unwinder, &process, &view);

	cr_assert(trace);
	cr_assert_str_eq(trace->frames[0].function, "a_known_place");
	cr_assert_eq(trace->culprit, 0);
	cr_assert(trace->frames[0].file &&
		  strstr(trace->frames[0].file, "test_stack.c"));
	cr_assert_gt(trace->frames[0].line, 0);
	uint64_t hash = trace->hash;
	trace = logtap_unwind(unwinder, &process, &view);
	cr_assert_eq(trace->hash, hash);
	view = called_from((uintptr_t)begin + 1, slice, 64);
	trace = logtap_unwind(unwinder, &process, &view);
	cr_assert_neq(trace->hash, hash);
}

Test(stack, what_no_library_of_ours_took_is_not_believed)
{
	uint64_t slice[64] = {0};
	struct logtap_stack_view view =
		called_from((uintptr_t)a_known_place + 1, slice, 64);
	struct logtap_unwinder_stats stats;

	view.values[REGISTERS - 1] = (uintptr_t)a_known_place;
	cr_assert_null(logtap_unwind(unwinder, &process, &view));
	view.values[REGISTERS - 1] = 0;
	cr_assert_null(logtap_unwind(unwinder, &process, &view));
	logtap_unwinder_stats(unwinder, &stats);
	cr_assert_eq(stats.unknown, 2);
}

/* What a process would tell of itself. */
static int tell(struct dl_phdr_info *info, size_t size, void *context)
{
	struct logtap_object object = {.start = UINT64_MAX};
	struct logtap_evidence_view view = {.kind = LOGTAP_EVIDENCE_OBJECTS};
	unsigned char bytes[sizeof(object) + PATH_MAX] = {0};
	char path[PATH_MAX] = "";
	const struct logtap_process *ended = context;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + header->p_vaddr;
		const unsigned char *note = (const void *)(uintptr_t)start;
		if (header->p_type == PT_NOTE && header->p_memsz >= 36 &&
		    note[8] == NT_GNU_BUILD_ID && note[4] == 20) {
			memcpy(object.build_id, note + 16, 20);
			object.build_id_bytes = 20;
		}
		if (header->p_type != PT_LOAD)
			continue;
		if (start < object.start)
			object.start = start & ~0xfffull;
		object.end = (start + header->p_memsz + 0xfff) & ~0xfffull;
	}
	if (*info->dlpi_name)
		snprintf(path, sizeof(path), "%s", info->dlpi_name);
	else if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return 0;
	object.path_bytes = (uint16_t)strlen(path);
	memcpy(bytes, &object, sizeof(object));
	memcpy(bytes + sizeof(object), path, strlen(path));
	view.head = bytes;
	view.head_bytes = sizeof(object) + ((strlen(path) + 7) & ~7ull);
	logtap_unwinder_objects(unwinder, ended, &view);
	return 0;
}

Test(stack, a_process_that_has_ended_has_told_of_its_modules)
{
	uint64_t slice[64] = {0};
	struct logtap_stack_view view =
		called_from((uintptr_t)a_known_place + 1, slice, 64);
	struct logtap_process ended = {.pid = 0x3ffffff0, .start_ticks = 1};

	cr_assert_null(logtap_unwind(unwinder, &ended, &view));
	dl_iterate_phdr(tell, &ended);
	const struct logtap_stack_trace *trace =
		logtap_unwind(unwinder, &ended, &view);
	cr_assert(trace);
	cr_assert_str_eq(trace->frames[0].function, "a_known_place");
	logtap_unwinder_forget(unwinder, &ended);
	cr_assert_null(logtap_unwind(unwinder, &ended, &view));
}

Test(stack, many_processes_take_a_bounded_number_of_places)
{
	static struct logtap_process many[40];
	uint64_t slice[64] = {0};
	struct logtap_stack_view view =
		called_from((uintptr_t)a_known_place + 1, slice, 64);

	for (int i = 0; i < 80; i++) {
		many[i % 40].pid = (uint32_t)getpid();
		logtap_unwind(unwinder, &many[i % 40], &view);
	}
}

static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

/* Values that lead somewhere, too. */
static uint64_t value(void)
{
	switch (any() % 5) {
	case 0:
		return any();
	case 1:
		return entry + any() % 4096;
	case 2:
		return (uintptr_t)a_known_place + any() % 65536;
	case 3:
		return 0x7f0000001000 + any() % 4096;
	default:
		return (uintptr_t)printf + any() % 65536;
	}
}

Test(stack, any_registers_and_any_stack_end_in_a_trace_or_none)
{
	static uint64_t slice[512];
	char text[256];

	for (int i = 0; i < 4000; i++) {
		struct logtap_stack_view view =
			called_from(0, slice, 1 + any() % 512);
		for (size_t j = 0; j < 512; j++)
			slice[j] = value();
		for (int j = 0; j < REGISTERS - 1; j++)
			view.values[j] = value();
		view.values[REGISTERS - 1] = entry + any() % 64;
		if (any() % 2)
			view.low = any();
		view.slice_bytes -= any() % 8;
		const struct logtap_stack_trace *trace =
			logtap_unwind(unwinder, &process, &view);
		if (!trace)
			continue;
		cr_assert_leq(trace->count, LOGTAP_FRAMES_MOST);
		cr_assert_lt(trace->culprit, trace->count);
		cr_assert_lt(logtap_stack_print(trace, text, sizeof(text)),
			     sizeof(text));
	}
}

Test(stack, whatever_is_told_of_modules_is_checked)
{
	unsigned char bytes[LOGTAP_EVIDENCE_HEAD_BYTES];
	struct logtap_modules modules = {0};

	for (int i = 0; i < 20000; i++) {
		for (size_t j = 0; j < sizeof(bytes); j += 8) {
			uint64_t word = any() % 3 ? any() % 64 : any();
			memcpy(bytes + j, &word, 8);
		}
		if (any() % 2)
			bytes[40] = '/';
		logtap_modules_told(&modules, bytes, any() % sizeof(bytes));
	}
	for (size_t i = 0; i < modules.count; i++) {
		cr_assert_lt(modules.items[i]->start, modules.items[i]->end);
		cr_assert_eq(modules.items[i]->path[0], '/');
		cr_assert(!i ||
			  modules.items[i - 1]->end <= modules.items[i]->start);
	}
	logtap_modules_deinit(&modules);
}

static struct logtap_module *module_of(struct logtap_modules *modules,
				       const char *path)
{
	struct logtap_module like = {.start = 1, .end = 2, .inode = 1};

	cr_assert(logtap_modules_add(modules, &like, path, strlen(path)));
	return modules->items[modules->count - 1];
}

Test(stack, a_file_that_others_may_write_is_not_read)
{
	char path[] = "/tmp/logtap-stack-XXXXXX", *name = NULL;
	struct logtap_modules modules = {0};
	uint64_t distrust = 0;
	Elf *elf = NULL;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fchmod(fd, 0646), 0);
	struct logtap_module *module = module_of(&modules, path);
	module->distrust = &distrust;
	cr_assert_eq(logtap_stack_open(module, &name, &elf), -1);
	cr_assert_eq(distrust, 1);
	cr_assert(module->failed, "not tried again");
	module = module_of(&modules, "/dev/zero");
	module->distrust = &distrust;
	cr_assert_eq(logtap_stack_open(module, &name, &elf), -1);
	cr_assert_eq(distrust, 2);
	unlink(path);
	close(fd);
	logtap_modules_deinit(&modules);
}

Test(stack, a_trace_is_printed_in_whole_lines)
{
	struct logtap_stack_trace trace = {
		.count = 2,
		.frames = {{.function = "inner",
			    .offset = 0x12,
			    .module = "prog",
			    .file = "a.c",
			    .line = 7},
			   {.address = 0xabc}},
	};
	char text[128];

	logtap_stack_print(&trace, text, sizeof(text));
	cr_assert_str_eq(text, "inner+0x12 (prog) a.c:7\n0xabc+0x0 (?)\n");
	logtap_stack_print(&trace, text, 30);
	cr_assert_str_eq(text, "inner+0x12 (prog) a.c:7\n");
	cr_assert_eq(logtap_stack_print(&trace, text, 3), 0);
	cr_assert_str_eq(text, "");
}
