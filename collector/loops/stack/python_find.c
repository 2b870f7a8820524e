/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter in a stack, and the memory of its process: see private.h.
 * The pipeline's thread. */
#include "../../intake/liveness.h"
#include "access.h"
#include "evidence.h"
#include "private.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

struct process {
	const struct logtap_process *process;
	const struct logtap_stack_view *view;
	int denied; /* errno */
};

static bool read_process(void *context, uint64_t address, void *to,
			 size_t bytes)
{
	struct process *process = context;
	struct iovec local = {.iov_base = to, .iov_len = bytes};
	struct iovec remote = {
		.iov_base = (void *)(uintptr_t)address,
		.iov_len = bytes,
	};
	if (logtap_stack_memory_copy(process->view, address, to, bytes))
		return true;
	ssize_t done = process_vm_readv((pid_t)process->process->pid, &local, 1,
					&remote, 1, 0);

	/* a filter for system calls denies it as well */
	if (done < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS))
		process->denied = errno;
	if (done < 0 || (size_t)done != bytes)
		return false;
	logtap_stack_memory_copy(process->view, address, to, bytes);
	return true;
}

/* Of the index of a place; false as well if that has no name. */
static bool is_evaluation(const struct logtap_stack_session *session, size_t i)
{
	static const char name[] = "_PyEval_EvalFrameDefault";
	Dwfl_Module *module =
		dwfl_addrmodule(session->dwfl, session->places[i]);
	GElf_Off offset;
	GElf_Sym symbol;
	const char *found =
		module ? dwfl_module_addrinfo(module, session->places[i],
					      &offset, &symbol, NULL, NULL,
					      NULL)
		       : NULL;

	return found && !strncmp(found, name, sizeof(name) - 1);
}

static size_t next_evaluation(const struct logtap_stack_session *session,
			      size_t from)
{
	while (from < session->count && !is_evaluation(session, from))
		from++;
	return from;
}

static void find_symbols(Dwfl_Module *module, uint64_t *version,
			 uint64_t *runtime, struct logtap_python *python)
{
	const struct {
		const char *name;
		uint64_t *address;
	} wanted[] = {
		{"Py_Version", version},
		{"_PyRuntime", runtime},
		{"PyCode_Type", &python->code_type},
		{"PyUnicode_Type", &python->string_type},
		{"PyBytes_Type", &python->bytes_type},
	};
	int count = dwfl_module_getsymtab(module);

	for (int i = 0; i < count; i++) {
		GElf_Sym symbol;
		GElf_Addr address;
		const char *name = dwfl_module_getsym_info(
			module, i, &symbol, &address, NULL, NULL, NULL);
		if (!name || symbol.st_shndx == SHN_UNDEF ||
		    (name[0] != 'P' && name[0] != '_'))
			continue;
		for (size_t j = 0; j < sizeof(wanted) / sizeof(wanted[0]); j++)
			if (!strcmp(name, wanted[j].name))
				*wanted[j].address = address;
	}
}

/* Return: false if it is not known how to read it. */
static bool find_python(struct logtap_stack_session *session, size_t place,
			const struct logtap_python_memory *memory)
{
	struct logtap_python *python = &session->python;
	uint64_t at = 0, runtime = 0, version;

	if (session->python_looked)
		return python->layout;
	*python = (struct logtap_python){0};
	find_symbols(dwfl_addrmodule(session->dwfl, session->places[place]),
		     &at, &runtime, python);
	if (at && python->code_type && python->string_type &&
	    python->bytes_type) {
		/* not if it may not be read: that may change */
		if (!memory->read(memory->context, at, &version,
				  sizeof(version)))
			return false;
		python->layout = logtap_python_layout(version);
		if (python->layout && python->layout->tells &&
		    !logtap_python_layout_fits(python->layout, memory, runtime))
			python->layout = NULL;
	}
	session->python_looked = true;
	return python->layout;
}

/* What lies between two stack pointers, as far as it was copied. */
static struct logtap_python_words between(const struct logtap_stack_view *view,
					  uint64_t low, uint64_t high)
{
	uint64_t end = view->low + view->slice_bytes;

	if (low < view->low || low % 8 || low >= end || high <= low)
		return (struct logtap_python_words){0};
	return (struct logtap_python_words){
		.data = view->slice + (low - view->low),
		.low = low,
		.count = ((high < end ? high : end) - low) / 8,
	};
}

static struct logtap_python_activation activation(
	const struct logtap_stack_session *session, size_t at)
{
	uint64_t end = at + 1 < session->count ? session->tops[at + 1] : 0;

	return (struct logtap_python_activation){
		.own = between(session->view, session->tops[at], end),
		.registers = {.data = (const unsigned char *)session->kept[at],
			      .count = LOGTAP_KEPT_REGISTERS},
	};
}

void logtap_stack_python(struct logtap_stack_session *session,
			 struct logtap_python_trace *out)
{
	struct process process = {.process = session->process,
				  .view = session->view};
	const struct logtap_python_memory memory = {
		.read = read_process,
		.context = &process,
		.then_low = session->view->memory_low,
		.then_bytes = session->view->memory_bytes,
	};
	struct logtap_python_activation activations[LOGTAP_PYTHON_FRAMES];
	size_t at = next_evaluation(session, 0);

	*out = (struct logtap_python_trace){.status = LOGTAP_PYTHON_NONE};
	if (at >= session->count)
		return;
	out->status = LOGTAP_PYTHON_GONE;
	if (logtap_process_liveness(session->process->pid,
				    session->process->start_ticks) !=
	    LOGTAP_ALIVE)
		return;
	if (find_python(session, at, &memory)) {
		size_t count = 0;
		for (; at < session->count && count < LOGTAP_PYTHON_FRAMES;
		     at = next_evaluation(session, at + 1))
			activations[count++] = activation(session, at);
		logtap_python_read(&session->python, &memory, activations,
				   count, out);
	}
	if (session->python_looked && !session->python.layout) {
		out->status = LOGTAP_PYTHON_UNKNOWN;
	} else if (!out->count && process.denied) {
		out->status = LOGTAP_PYTHON_DENIED;
		out->why = logtap_access_denied(session->process->pid, true,
						process.denied);
	}
}
