/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of metrics in the format of Prometheus: see exposition.h.  Any thread.
 *
 * Programs choose names that become the same here ("a.b" and "a_b").  Such
 * families are written as one, told apart by the label "metric"; a gauge that
 * would share a counter's name gets another one.
 */
#include "exposition.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 128 };

struct name {
	char text[NAME_BYTES];
	size_t next; /* family of the same name, behind it; 0: none */
	bool follows;
};

static void name_family(struct name *name,
			const struct logtap_metric_family *family)
{
	snprintf(name->text, sizeof(name->text), "%s%s",
		 family->by_program ? "logtap_program_" : "", family->name);
	for (char *at = name->text; *at; at++)
		if (!((*at >= 'a' && *at <= 'z') ||
		      (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9')))
			*at = '_';
}

/* "x_total" is what a counter "x" has: it must not be there twice. */
static void strip_total(struct name *name,
			const struct logtap_metric_family *family)
{
	static const char total[] = "_total";
	size_t bytes = strlen(name->text), suffix = sizeof(total) - 1;

	if (bytes > suffix && !strcmp(name->text + bytes - suffix, total))
		strcpy(name->text + bytes - suffix,
		       family->counter ? "" : "_sum");
}

static bool same_name(const struct name *a, const struct name *b)
{
	return !strcmp(a->text, b->text);
}

static void tell_apart(struct name *names,
		       const struct logtap_metric_family *families,
		       size_t count, size_t index)
{
	if (!families[index].counter)
		for (size_t i = 0; i < count; i++)
			if (families[i].counter &&
			    same_name(&names[i], &names[index])) {
				strcat(names[index].text, "_gauge");
				break;
			}
	for (size_t i = index; i-- > 0;)
		if (families[i].by_program &&
		    families[i].counter == families[index].counter &&
		    same_name(&names[i], &names[index])) {
			names[i].next = index;
			names[index].follows = true;
			return;
		}
}

static struct name *make_names(const struct logtap_metric_set *set)
{
	struct name *names = calloc(set->family_count + 1, sizeof(*names));

	for (size_t i = 0; names && i < set->family_count; i++) {
		name_family(&names[i], &set->families[i]);
		/* its longest suffix must still fit */
		names[i].text[NAME_BYTES - 16] = 0;
		strip_total(&names[i], &set->families[i]);
	}
	for (size_t i = 0; names && i < set->family_count; i++)
		if (set->families[i].by_program)
			tell_apart(names, set->families, set->family_count, i);
	return names;
}

static void put_point(struct logtap_exposition *to,
		      const struct logtap_metric_set *set,
		      const struct logtap_metric_point *point)
{
	const struct logtap_metric_family *family =
		&set->families[point->family];
	const struct logtap_metric_owner *owner =
		point->owner ? &set->owners[point->owner - 1] : NULL;
	struct logtap_label labels[4 + LOGTAP_METRIC_LABELS] = {0};
	char pid[16] = "others", start[24] = "0";
	size_t count = 4;

	if (owner && owner->pid) {
		snprintf(pid, sizeof(pid), "%u", owner->pid);
		snprintf(start, sizeof(start), "%llu",
			 (unsigned long long)owner->start_ticks);
	}
	if (owner) {
		labels[0] = (struct logtap_label){"pid", pid};
		labels[1] = (struct logtap_label){"start_ticks", start};
		labels[2] = (struct logtap_label){"name", owner->comm};
	}
	if (family->by_program)
		labels[3] = (struct logtap_label){"metric", family->name};
	for (size_t i = 0; i < point->label_count; i++)
		labels[count++] = point->labels[i];
	if (family->form == LOGTAP_FORM_NANO)
		logtap_exposition_seconds(to, labels, count, point->value);
	else if (family->form == LOGTAP_FORM_SIGNED)
		logtap_exposition_signed(to, labels, count,
					 (int64_t)point->value);
	else
		logtap_exposition_sample(to, labels, count, point->value);
}

/* Points are in the order of families. */
static void put_points(struct logtap_exposition *to,
		       const struct logtap_metric_set *set, size_t family,
		       const size_t *first)
{
	for (size_t i = first[family]; i < first[family + 1]; i++)
		put_point(to, set, &set->points[i]);
}

static void put_families(struct logtap_exposition *to,
			 const struct logtap_metric_set *set,
			 const struct name *names, const size_t *first)
{
	for (size_t i = 0; i < set->family_count; i++) {
		const struct logtap_metric_family *family = &set->families[i];
		if (names[i].follows)
			continue;
		logtap_exposition_family(to, names[i].text, family->counter,
					 family->by_program
						 ? "As a program calls it"
						 : family->help);
		put_points(to, set, i, first);
		for (size_t j = names[i].next; j; j = names[j].next)
			put_points(to, set, j, first);
	}
}

void logtap_exposition_set(struct logtap_exposition *to,
			   const struct logtap_metric_set *set)
{
	struct name *names = make_names(set);
	size_t *first = calloc(set->family_count + 2, sizeof(*first));

	if (names && first) {
		for (size_t i = 0; i < set->point_count; i++)
			first[set->points[i].family + 1]++;
		for (size_t i = 0; i < set->family_count; i++)
			first[i + 1] += first[i];
		put_families(to, set, names, first);
	} else {
		to->error = -ENOMEM;
	}
	free(names);
	free(first);
}
