/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A set of metrics: all values of one moment, on their way from those who count
 * (metrics.h) to those who show or send them.
 *
 * Points are in the order of their families.  A set belongs to one thread.  The
 * first failure stays in @error, and later calls do nothing.
 */
#ifndef LOGTAP_REGISTRY_METRIC_SET_H
#define LOGTAP_REGISTRY_METRIC_SET_H

#include <logtap/abi/slot.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum logtap_metric_form {
	LOGTAP_FORM_COUNT,  /* uint64_t */
	LOGTAP_FORM_SIGNED, /* int64_t in a uint64_t */
	LOGTAP_FORM_NANO,   /* of billionths, to be shown as a whole: ns as
	                     * seconds, and ratios */
};

struct logtap_metric_family {
	const char *name; /* as OpenTelemetry writes it: "logtap.threads" */
	const char *help; /* may be empty */
	const char *unit; /* UCUM, "{record}", "s"; may be empty */
	bool counter;	  /* only rises; else a gauge */
	bool by_program;  /* a program chose the name */
	enum logtap_metric_form form;
};

struct logtap_label {
	const char *name;  /* NULL: not written */
	const char *value; /* any bytes */
};

/* Whose value it is. */
struct logtap_metric_owner {
	uint32_t pid; /* 0: processes that share a row, "others" */
	uint64_t start_ticks;
	char comm[LOGTAP_SLOT_NAME_BYTES + 1];
};

enum {
	LOGTAP_METRIC_LABELS = 3,
	LOGTAP_METRIC_COLLECTOR = 0, /* the owner of what is nobody's else */
};

struct logtap_metric_point {
	size_t family;
	size_t owner; /* LOGTAP_METRIC_COLLECTOR, or 1 + an index */
	size_t label_count;
	struct logtap_label labels[LOGTAP_METRIC_LABELS];
	uint64_t value;
};

struct logtap_metric_set {
	uint64_t start_ns, time_ns; /* CLOCK_REALTIME: counted since; now */
	struct logtap_metric_family *families;
	size_t family_count, family_room;
	struct logtap_metric_owner *owners;
	size_t owner_count, owner_room;
	struct logtap_metric_point *points;
	size_t point_count, point_room;
	char **texts; /* that it owns */
	size_t text_count, text_room;
	int error; /* 0 or -ENOMEM */
};

/* Begins zeroed. */
void logtap_metric_set_deinit(struct logtap_metric_set *set);

/* Begins a family; its strings are copied. */
void logtap_metric_set_family(struct logtap_metric_set *set,
			      const struct logtap_metric_family *family);
/* Return: what logtap_metric_set_point() takes for it; the same for the same
 * pid and start. */
size_t logtap_metric_set_owner(struct logtap_metric_set *set,
			       const struct logtap_metric_owner *owner);
/* Of the last family.  The names of labels are constants, their values are
 * copied; one without a name is left out. */
void logtap_metric_set_point(struct logtap_metric_set *set, size_t owner,
			     const struct logtap_label *labels, size_t count,
			     uint64_t value);

#endif
