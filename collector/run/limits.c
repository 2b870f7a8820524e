/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits: see the header.  Main thread. */
#include "limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* With fewer descriptors the collector cannot open its files, with shorter
 * files no program gets its rings. */
enum { DESCRIPTORS_MIN = 16, FILE_BYTES_MIN = 64 << 10 };

struct name {
	int limit;
	const char *text;
};

static const struct name descriptors = {RLIMIT_NOFILE, "RLIMIT_NOFILE"};
static const struct name processes = {RLIMIT_NPROC, "RLIMIT_NPROC"};
static const struct name file_bytes = {RLIMIT_FSIZE, "RLIMIT_FSIZE"};
static const struct name memory = {RLIMIT_AS, "RLIMIT_AS"};
static const struct name data = {RLIMIT_DATA, "RLIMIT_DATA"};

static struct rlimit given;
static bool raised;

void logtap_limits_raise(void)
{
	struct rlimit most;
	if (raised || getrlimit(RLIMIT_NOFILE, &given))
		return;
	most = given;
	most.rlim_cur = most.rlim_max;
	raised = given.rlim_cur != given.rlim_max &&
		 !setrlimit(RLIMIT_NOFILE, &most);
}

void logtap_limits_restore(void)
{
	if (raised)
		setrlimit(RLIMIT_NOFILE, &given);
	raised = false;
}

static bool falls_short(const struct name *name, rlim_t least, const char *unit,
			char *why, size_t why_bytes)
{
	struct rlimit limit;
	if (getrlimit(name->limit, &limit) || limit.rlim_max >= least)
		return false;
	snprintf(why, why_bytes, "%s is %llu, logtap needs %llu %s", name->text,
		 (unsigned long long)limit.rlim_max, (unsigned long long)least,
		 unit);
	return true;
}

bool logtap_limits_suffice(char *why, size_t why_bytes)
{
	return !falls_short(&descriptors, DESCRIPTORS_MIN, "descriptors", why,
			    why_bytes) &&
	       !falls_short(&file_bytes, FILE_BYTES_MIN, "bytes", why,
			    why_bytes);
}

bool logtap_limits_trouble(int error)
{
	switch (error) {
	case EAGAIN:
	case EDQUOT:
	case EFBIG:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOSPC:
		return true;
	default:
		return false;
	}
}

static void add(const struct name *name, char *out, size_t out_bytes)
{
	struct rlimit limit;
	size_t size = strlen(out);
	if (getrlimit(name->limit, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return;
	snprintf(out + size, out_bytes - size, "%s%s is %llu",
		 size ? ", " : " (", name->text,
		 (unsigned long long)limit.rlim_cur);
}

void logtap_limits_blame(int error, char *out, size_t out_bytes)
{
	*out = '\0';
	if (error == EMFILE)
		add(&descriptors, out, out_bytes);
	if (error == EAGAIN)
		add(&processes, out, out_bytes);
	if (error == EFBIG)
		add(&file_bytes, out, out_bytes);
	if (error == EAGAIN || error == ENOMEM || !error)
		add(&memory, out, out_bytes);
	if (error == ENOMEM || !error)
		add(&data, out, out_bytes);
	size_t size = strlen(out);
	if (size)
		snprintf(out + size, out_bytes - size, ")");
}
