/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who writes, exports and receives, as nodes and edges in JSON: see model.h.
 * Under the lock. */
#include "model.h"

#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NODES_MAX = 256, EDGES_MAX = 512, ID = 128 };
#define RECENT_NS (60 * LOGTAP_LOOPS_SECOND)

static const char here[] = "collector";

struct graph {
	json_t *nodes, *edges;
};

static bool has_node(const struct graph *graph, const char *id)
{
	const json_t *node;
	size_t i;

	json_array_foreach(graph->nodes, i, node)
	{
		if (!strcmp(json_string_value(json_object_get(node, "id")), id))
			return true;
	}
	return false;
}

static void add_node(struct graph *graph, const char *id, const char *kind,
		     const char *text)
{
	if (json_array_size(graph->nodes) < NODES_MAX && !has_node(graph, id))
		json_array_append_new(graph->nodes,
				      json_pack("{s:o,s:s,s:o}", "id",
						logtap_loops_text(id), "kind",
						kind, "text",
						logtap_loops_text(text)));
}

/* Between nodes that there are; one of the same kind and text is counted. */
static json_t *add_edge(struct graph *graph, const char *from, const char *to,
			const char *kind, const char *text, uint64_t count)
{
	json_t *edge;
	size_t i;

	json_array_foreach(graph->edges, i, edge)
	{
		json_t *known = json_object_get(edge, "count");
		if (strcmp(json_string_value(json_object_get(edge, "from")),
			   from) ||
		    strcmp(json_string_value(json_object_get(edge, "to")),
			   to) ||
		    strcmp(json_string_value(json_object_get(edge, "kind")),
			   kind) ||
		    strcmp(json_string_value(json_object_get(edge, "text")),
			   text))
			continue;
		json_integer_set(known,
				 json_integer_value(known) + (json_int_t)count);
		return edge;
	}
	if (json_array_size(graph->edges) == EDGES_MAX ||
	    !has_node(graph, from) || !has_node(graph, to))
		return NULL;
	edge = json_pack("{s:o,s:o,s:s,s:o,s:I}", "from",
			 logtap_loops_text(from), "to", logtap_loops_text(to),
			 "kind", kind, "text", logtap_loops_text(text), "count",
			 (json_int_t)count);
	json_array_append_new(graph->edges, edge);
	return edge;
}

static void process_id(uint32_t pid, char id[ID])
{
	snprintf(id, ID, "process %" PRIu32, pid);
}

static void thread_id(uint32_t pid, uint32_t tid, char id[ID])
{
	snprintf(id, ID, "thread %" PRIu32 " of %" PRIu32, tid, pid);
}

static void endpoint_id(const char *endpoint, char id[ID])
{
	snprintf(id, ID, "endpoint %.96s", endpoint);
}

static void put_process(struct graph *graph,
			const struct logtap_loops_process *process)
{
	char id[ID], text[64];

	process_id(process->pid, id);
	snprintf(text, sizeof(text), "%s[%" PRIu32 "]", process->comm,
		 process->pid);
	add_node(graph, id, "process", text);
}

static void put_thread(struct graph *graph, uint32_t pid, uint32_t tid,
		       const char *name)
{
	char id[ID], process[ID], text[64];

	process_id(pid, process);
	thread_id(pid, tid, id);
	snprintf(text, sizeof(text), "tid %" PRIu32 " %s", tid, name);
	add_node(graph, id, "thread", text);
	add_edge(graph, process, id, "has", "", 1);
}

/* What its records are written to. */
static void put_effect(struct graph *graph,
		       const struct logtap_loops_effect *effect)
{
	char thread[ID], stream[ID + 16];
	const char *name = effect->stream ? effect->stream : "syslog";

	put_thread(graph, effect->pid, effect->tid, effect->thread);
	thread_id(effect->pid, effect->tid, thread);
	snprintf(stream, sizeof(stream), "%s of %" PRIu32, name, effect->pid);
	add_node(graph, stream, "stream", name);
	add_edge(graph, thread, stream, "writes", "", effect->records);
	add_edge(graph, stream, here, "captured", "", effect->records);
}

/* A host's exports, by the threads that made them: the last few of a large
 * pool; what its others made is the process's. */
static void put_senders(struct graph *graph,
			const struct logtap_loops_cause *cause,
			const char *endpoint)
{
	char from[ID];
	uint64_t others = cause->count;

	for (size_t i = 0; i < LOGTAP_LOOPS_SENDERS; i++) {
		const struct logtap_loops_sender *sender = &cause->senders[i];
		if (i && !sender->exports)
			continue;
		put_thread(graph, cause->pid, sender->tid, sender->name);
		thread_id(cause->pid, sender->tid, from);
		add_edge(graph, from, endpoint, "exports", "", sender->exports);
		others -= sender->exports;
	}
	process_id(cause->pid, from);
	if (others)
		add_edge(graph, from, endpoint, "exports", "", others);
}

static void put_cause(struct logtap_loops *loops, struct graph *graph,
		      const struct logtap_loops_cause *cause)
{
	char endpoint[ID], process[ID];

	if (!cause->endpoint[0] || cause->other)
		return;
	endpoint_id(cause->endpoint, endpoint);
	add_node(graph, endpoint, "endpoint", cause->endpoint);
	if (cause->host)
		put_senders(graph, cause, endpoint);
	else
		add_edge(graph, here, endpoint, "exports", "", cause->count);
	for (size_t i = 0; i < LOGTAP_LOOPS_PROCESSES; i++)
		if (loops->processes[i].pid && cause->peers.count &&
		    logtap_peers_have(&cause->peers, loops->processes[i].pid)) {
			process_id(loops->processes[i].pid, process);
			add_edge(graph, endpoint, process, "received", "",
				 cause->count);
		}
}

static void put_loop(struct graph *graph, const struct logtap_loops_loop *loop)
{
	char from[ID], to[ID], text[96];

	if (loop->tid)
		thread_id(loop->pid, loop->tid, to);
	else
		process_id(loop->pid, to);
	if (loop->endpoint[0])
		endpoint_id(loop->endpoint, from);
	else
		snprintf(from, sizeof(from), "%s", to);
	if (loop->other[0]) {
		add_node(graph, loop->other, "collector", loop->other);
		add_edge(graph, from, loop->other, "received", "", 1);
		snprintf(from, sizeof(from), "%s", loop->other);
	}
	snprintf(text, sizeof(text), "loop %u: %s L%d", loop->number,
		 logtap_loops_confidence_name(loop->confidence),
		 (int)loop->class);
	json_t *edge = add_edge(graph, from, to, "causes", text, loop->records);
	if (!edge)
		return;
	json_object_set_new(edge, "loop", json_integer(loop->number));
	if (loop->k > 0)
		json_object_set_new(edge, "records_per_export",
				    json_real(loop->k));
	if (loop->b > 0)
		json_object_set_new(edge, "exported_records",
				    json_real(loop->b));
	if (logtap_loops_gain(loop) > 0)
		json_object_set_new(edge, "gain",
				    json_real(logtap_loops_gain(loop)));
}

json_t *logtap_loops_graph(struct logtap_loops *loops)
{
	struct graph graph = {json_array(), json_array()};
	uint64_t now_ns = loops->tick_ns;

	add_node(&graph, here, "collector", "logtap collector");
	for (size_t i = 0; i < LOGTAP_LOOPS_PROCESSES; i++)
		if (loops->processes[i].pid &&
		    now_ns < loops->processes[i].seen_ns + RECENT_NS)
			put_process(&graph, &loops->processes[i]);
	for (size_t i = 0; i < LOGTAP_LOOPS_EFFECTS; i++)
		if (loops->effects[i].key &&
		    now_ns < loops->effects[i].seen_ns + RECENT_NS)
			put_effect(&graph, &loops->effects[i]);
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++)
		if (loops->causes[i].id &&
		    now_ns < loops->causes[i].seen_ns + RECENT_NS)
			put_cause(loops, &graph, &loops->causes[i]);
	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++)
		if (loops->loops[i].number && loops->loops[i].confidence &&
		    logtap_loops_is_active(loops, &loops->loops[i]))
			put_loop(&graph, &loops->loops[i]);
	return json_pack("{s:o,s:o}", "nodes", graph.nodes, "edges",
			 graph.edges);
}
