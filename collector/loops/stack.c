/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unwinding, with elfutils' libdw: see the header.  The pipeline's thread.
 *
 * A process that is kept in mind has a session of that library, which is made
 * anew when the process has loaded more.
 */
#include "stack.h"

#include "../base/clock.h"
#include "../intake/liveness.h"
#include "stack_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROCESSES = 8, FUNCTION_BYTES = 256 };
/* The maps of a process are read again no sooner. */
#define REFRESH_NS UINT64_C(500000000)
/* A quarter of the time may be spent; what is not spent is kept up to this:
 * the first stack of a program takes long. */
#define CREDIT_NS UINT64_C(2000000000)

struct session {
	const struct logtap_process *process; /* NULL: free */
	struct logtap_unwinder *unwinder;
	struct logtap_modules modules; /* those of @dwfl */
	struct logtap_modules told;
	uint64_t read_ns; /* when the maps were read; 0: never */
	uint64_t used;
	Dwfl *dwfl; /* NULL: to be made */

	/* at work */
	const struct logtap_stack_view *view;
	uint64_t places[LOGTAP_FRAMES_MOST + 8]; /* pc; of callers less one */
	size_t count;
};

struct logtap_unwinder {
	struct session sessions[PROCESSES];
	struct logtap_stack_trace trace;
	char names[LOGTAP_FRAMES_MOST][FUNCTION_BYTES]; /* of its frames */
	struct logtap_unwinder_stats stats;
	uint64_t uses;
	uint64_t looked_ns; /* when the credit was last added to */
	uint64_t credit_ns;
};

struct logtap_unwinder *logtap_unwinder_new(void)
{
	struct logtap_unwinder *unwinder;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	unwinder = calloc(1, sizeof(*unwinder));
	if (!unwinder)
		return NULL;
	unwinder->looked_ns = logtap_clock_monotonic_ns();
	unwinder->credit_ns = CREDIT_NS;
	return unwinder;
}

static void end_dwfl(struct session *session)
{
	if (session->dwfl)
		dwfl_end(session->dwfl);
	session->dwfl = NULL;
}

static void end_session(struct session *session)
{
	end_dwfl(session);
	logtap_modules_deinit(&session->modules);
	logtap_modules_deinit(&session->told);
	*session = (struct session){0};
}

void logtap_unwinder_free(struct logtap_unwinder *unwinder)
{
	if (!unwinder)
		return;
	for (size_t i = 0; i < PROCESSES; i++)
		end_session(&unwinder->sessions[i]);
	free(unwinder);
}

void logtap_unwinder_stats(const struct logtap_unwinder *unwinder,
			   struct logtap_unwinder_stats *out)
{
	*out = unwinder->stats;
}

/* The one of @process, or the one that was used longest ago. */
static struct session *session_of(struct logtap_unwinder *unwinder,
				  const struct logtap_process *process)
{
	struct session *oldest = &unwinder->sessions[0];

	for (size_t i = 0; i < PROCESSES; i++) {
		struct session *session = &unwinder->sessions[i];
		if (session->process == process) {
			session->used = ++unwinder->uses;
			return session;
		}
		if (session->used < oldest->used)
			oldest = session;
	}
	end_session(oldest);
	oldest->process = process;
	oldest->unwinder = unwinder;
	oldest->used = ++unwinder->uses;
	return oldest;
}

void logtap_unwinder_forget(struct logtap_unwinder *unwinder,
			    const struct logtap_process *process)
{
	for (size_t i = 0; i < PROCESSES; i++)
		if (unwinder->sessions[i].process == process)
			end_session(&unwinder->sessions[i]);
}

void logtap_unwinder_objects(struct logtap_unwinder *unwinder,
			     const struct logtap_process *process,
			     const struct logtap_evidence_view *view)
{
	struct session *session = session_of(unwinder, process);

	logtap_modules_told(&session->told, view->head, view->head_bytes);
}

/* Dwfl_Callbacks */

static int find_elf(Dwfl_Module *module, void **userdata, const char *name,
		    Dwarf_Addr base, char **file_name, Elf **elf)
{
	struct logtap_module *ours = *userdata;

	(void)module;
	(void)name;
	(void)base;
	return ours ? logtap_stack_open(ours, file_name, elf) : -1;
}

static int find_debuginfo(Dwfl_Module *module, void **userdata,
			  const char *name, Dwarf_Addr base, const char *file,
			  const char *link, GElf_Word checksum, char **found)
{
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)checksum;
	return logtap_stack_open_debug(module, found);
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
};

/* Dwfl_Thread_Callbacks: one thread, whose memory is the slice. */

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread)
{
	struct session *session = context;

	(void)dwfl;
	if (*thread)
		return 0;
	*thread = session;
	return 1;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *context, void **thread)
{
	(void)dwfl;
	(void)tid;
	*thread = context;
	return true;
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result,
			void *context)
{
	const struct session *session = context;
	const struct logtap_stack_view *view = session->view;
	uint64_t at = address - view->low, word;

	(void)dwfl;
	if (address < view->low || at > view->slice_bytes ||
	    view->slice_bytes - at < sizeof(word))
		return false;
	memcpy(&word, view->slice + at, sizeof(word));
	*result = word;
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *context)
{
	const struct session *session = context;
	const struct logtap_stack_view *view = session->view;
	Dwarf_Word values[LOGTAP_STACK_REGISTERS_MAX];
	unsigned last = view->registers - 1;

	for (unsigned i = 0; i < view->registers; i++)
		values[i] = view->values[i];
	if (view->arch == LOGTAP_STACK_X86_64) /* it knows the last one */
		return dwfl_thread_state_registers(thread, 0, view->registers,
						   values);
	if (!dwfl_thread_state_registers(thread, 0, last, values))
		return false;
	dwfl_thread_state_register_pc(thread, values[last]);
	return true;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = read_memory,
	.set_initial_registers = set_registers,
};

static bool make_dwfl(struct session *session)
{
	if (session->dwfl)
		return true;
	session->dwfl = dwfl_begin(&callbacks);
	if (!session->dwfl)
		return false;
	dwfl_report_begin(session->dwfl);
	for (size_t i = 0; i < session->modules.count; i++) {
		struct logtap_module *ours = session->modules.items[i];
		Dwfl_Module *module = dwfl_report_module(
			session->dwfl, ours->path, ours->start, ours->end);
		void **userdata;
		ours->distrust = &session->unwinder->stats.distrust;
		if (!module)
			continue;
		dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL,
				 NULL, NULL);
		*userdata = ours;
	}
	dwfl_report_end(session->dwfl, NULL, NULL);
	if (dwfl_attach_state(session->dwfl, NULL, 1, &thread_callbacks,
			      session))
		return true;
	end_dwfl(session);
	return false;
}

/* Is the place that took the stack in our library, as it must be? */
static bool fits(const struct session *session)
{
	const struct logtap_stack_view *view = session->view;
	const struct logtap_module *module = logtap_modules_find(
		&session->modules, view->values[view->registers - 1]);

	return module && !strncmp(logtap_module_name(module), "liblogtap", 9);
}

static bool read_maps(struct session *session)
{
	const struct logtap_process *process = session->process;
	uint64_t now_ns = logtap_clock_monotonic_ns();
	struct logtap_modules modules = {0};

	if (session->read_ns && now_ns - session->read_ns < REFRESH_NS)
		return false;
	session->read_ns = now_ns;
	if (logtap_process_liveness(process->pid, process->start_ticks) !=
		    LOGTAP_ALIVE ||
	    !logtap_modules_read(&modules, process->pid)) {
		logtap_modules_deinit(&modules);
		return false;
	}
	end_dwfl(session);
	logtap_modules_deinit(&session->modules);
	session->modules = modules;
	return true;
}

/* What is loaded where: of the living by the kernel, of the dead by
 * themselves. */
static bool find_modules(struct session *session)
{
	if (fits(session) || (read_maps(session) && fits(session)))
		return true;
	if (!session->told.count)
		return false;
	end_dwfl(session);
	logtap_modules_deinit(&session->modules);
	session->modules = session->told;
	session->told = (struct logtap_modules){0};
	return fits(session);
}

static int take_frame(Dwfl_Frame *state, void *context)
{
	struct session *session = context;
	bool exact;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(state, &pc, &exact))
		return DWARF_CB_ABORT;
	if (session->count ==
	    sizeof(session->places) / sizeof(session->places[0]))
		return DWARF_CB_ABORT;
	/* A return address may be that of the next function. */
	session->places[session->count++] = exact ? pc : pc - 1;
	return DWARF_CB_OK;
}

/* Was there a caller whose module is not known? */
static bool leads_outside(const struct session *session)
{
	return session->count &&
	       !logtap_modules_find(&session->modules,
				    session->places[session->count - 1]);
}

/* Return: 0 if it came to the end. */
static int collect(struct session *session)
{
	session->count = 0;
	return make_dwfl(session) ? dwfl_getthread_frames(session->dwfl, 1,
							  take_frame, session)
				  : -1;
}

static uint64_t mix(uint64_t hash, const void *data, size_t bytes)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* @name: receives the function's, without a version. */
static void name_frame(const struct session *session, uint64_t place,
		       struct logtap_stack_frame *frame, char *name,
		       uint64_t *hash)
{
	const struct logtap_module *ours =
		logtap_modules_find(&session->modules, place);
	Dwfl_Module *module = dwfl_addrmodule(session->dwfl, place);
	GElf_Off offset;
	GElf_Sym symbol;

	*frame = (struct logtap_stack_frame){.address = place};
	if (!ours)
		return;
	frame->module = logtap_module_name(ours);
	frame->offset = place - ours->start;
	*hash = mix(*hash, frame->module, strlen(frame->module));
	*hash = mix(*hash, &frame->offset, sizeof(frame->offset));
	if (!module)
		return;
	const char *found = dwfl_module_addrinfo(module, place, &offset,
						 &symbol, NULL, NULL, NULL);
	if (found && *found) {
		snprintf(name, FUNCTION_BYTES, "%.*s", (int)strcspn(found, "@"),
			 found);
		frame->function = name;
		frame->offset = offset;
	}
	Dwfl_Line *line =
		ours->lines ? dwfl_module_getsrc(module, place) : NULL;
	int number = 0;
	if (line)
		frame->file =
			dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	frame->line = number > 0 ? (unsigned)number : 0;
}

static bool is_ours(const struct logtap_stack_frame *frame)
{
	return frame->module && !strncmp(frame->module, "liblogtap", 9);
}

/* Libraries that log on somebody's behalf. */
static bool is_plumbing(const struct logtap_stack_frame *frame)
{
	static const char *const names[] = {"libc.",	  "libc-",
					    "libpthread", "ld-linux",
					    "libstdc++",  "libgcc_s"};

	if (!frame->module)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(frame->module, names[i], strlen(names[i])))
			return true;
	return false;
}

static void name_frames(struct session *session,
			struct logtap_stack_trace *trace)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	bool found = false, named = false;

	trace->count = trace->culprit = 0;
	for (size_t i = 0;
	     i < session->count && trace->count < LOGTAP_FRAMES_MOST; i++) {
		struct logtap_stack_frame *frame = &trace->frames[trace->count];
		uint64_t before = hash;
		name_frame(session, session->places[i], frame,
			   session->unwinder->names[trace->count], &hash);
		if (is_ours(frame)) {
			hash = before;
			continue;
		}
		if (!named && !is_plumbing(frame) &&
		    (!found || frame->function)) {
			trace->culprit = trace->count;
			found = true;
			named = frame->function != NULL;
		}
		trace->count++;
	}
	trace->hash = hash;
}

static const struct logtap_stack_trace *unwind(struct logtap_unwinder *unwinder,
					       struct session *session)
{
	struct logtap_stack_trace *trace = &unwinder->trace;

	if (!find_modules(session)) {
		unwinder->stats.unknown++;
		return NULL;
	}
	int result = collect(session);
	if (leads_outside(session) && read_maps(session))
		result = collect(session);
	if (session->dwfl)
		name_frames(session, trace);
	if (!session->dwfl || !trace->count) {
		unwinder->stats.unknown++;
		return NULL;
	}
	trace->whole = result == 0;
	unwinder->stats.unwound++;
	return trace;
}

static bool has_time(struct logtap_unwinder *unwinder, uint64_t now_ns)
{
	unwinder->credit_ns += (now_ns - unwinder->looked_ns) / 4;
	unwinder->looked_ns = now_ns;
	if (unwinder->credit_ns > CREDIT_NS)
		unwinder->credit_ns = CREDIT_NS;
	return unwinder->credit_ns > 0;
}

const struct logtap_stack_trace *logtap_unwind(
	struct logtap_unwinder *unwinder, const struct logtap_process *process,
	const struct logtap_stack_view *view)
{
	uint64_t begin_ns = logtap_clock_monotonic_ns();

	if (!has_time(unwinder, begin_ns)) {
		unwinder->stats.skipped++;
		return NULL;
	}
	struct session *session = session_of(unwinder, process);
	session->view = view;
	const struct logtap_stack_trace *trace = unwind(unwinder, session);
	session->view = NULL;
	uint64_t spent_ns = logtap_clock_monotonic_ns() - begin_ns;
	unwinder->credit_ns -=
		spent_ns < unwinder->credit_ns ? spent_ns : unwinder->credit_ns;
	return trace;
}

static size_t print_frame(const struct logtap_stack_frame *frame, char *line,
			  size_t room)
{
	char place[32], source[512] = "";

	snprintf(place, sizeof(place), "0x%" PRIx64, frame->address);
	if (frame->file && frame->line)
		snprintf(source, sizeof(source), " %.400s:%u", frame->file,
			 frame->line);
	int size = snprintf(line, room, "%.400s+0x%" PRIx64 " (%.200s)%s\n",
			    frame->function ? frame->function : place,
			    frame->offset, frame->module ? frame->module : "?",
			    source);
	return size < 0 || (size_t)size >= room ? 0 : (size_t)size;
}

size_t logtap_stack_print(const struct logtap_stack_trace *trace, char *text,
			  size_t room)
{
	char line[1200];
	size_t used = 0;

	if (!room)
		return 0;
	for (size_t i = 0; i < trace->count; i++) {
		size_t size =
			print_frame(&trace->frames[i], line, sizeof(line));
		if (!size || size >= room - used)
			break;
		memcpy(text + used, line, size);
		used += size;
	}
	text[used] = '\0';
	return used;
}
