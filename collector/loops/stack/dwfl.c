/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Unwinding one stack with elfutils' libdw: see stack_private.h.  The memory of
 * the thread is the slice that its host copied.  The pipeline's thread. */
#include "private.h"

#include <string.h>

void logtap_stack_end_dwfl(struct logtap_stack_session *session)
{
	if (session->dwfl)
		dwfl_end(session->dwfl);
	session->dwfl = NULL;
	session->python_looked = false;
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
	struct logtap_stack_session *session = context;

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
	const struct logtap_stack_session *session = context;
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
	const struct logtap_stack_session *session = context;
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

static bool make_dwfl(struct logtap_stack_session *session)
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
		ours->distrust = session->distrust;
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
	logtap_stack_end_dwfl(session);
	return false;
}

/* Stack pointer, and what calls preserve, by DWARF numbers. */
static void take_registers(struct logtap_stack_session *session,
			   Dwfl_Frame *state)
{
	static const unsigned char of_x86_64[] = {7, 3, 6, 12, 13, 14, 15};
	static const unsigned char of_aarch64[] = {31, 19, 20, 21, 22, 23,
						   24, 25, 26, 27, 28};
	bool x86_64 = session->view->arch == LOGTAP_STACK_X86_64;
	const unsigned char *numbers = x86_64 ? of_x86_64 : of_aarch64;
	size_t count = x86_64 ? sizeof(of_x86_64) : sizeof(of_aarch64);
	uint64_t *kept = session->kept[session->count];
	Dwarf_Word value;

	session->tops[session->count] = 0;
	for (size_t i = 0; i < LOGTAP_KEPT_REGISTERS; i++)
		kept[i] = 0;
	for (size_t i = 0; i < count; i++) {
		if (dwfl_frame_reg(state, numbers[i], &value))
			continue;
		if (i)
			kept[i - 1] = value;
		else
			session->tops[session->count] = value;
	}
}

static int take_frame(Dwfl_Frame *state, void *context)
{
	struct logtap_stack_session *session = context;
	bool exact;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(state, &pc, &exact))
		return DWARF_CB_ABORT;
	if (session->count ==
	    sizeof(session->places) / sizeof(session->places[0]))
		return DWARF_CB_ABORT;
	take_registers(session, state);
	/* A return address may be that of the next function. */
	session->places[session->count++] = exact ? pc : pc - 1;
	return DWARF_CB_OK;
}

int logtap_stack_collect(struct logtap_stack_session *session)
{
	session->count = 0;
	return make_dwfl(session) ? dwfl_getthread_frames(session->dwfl, 1,
							  take_frame, session)
				  : -1;
}
