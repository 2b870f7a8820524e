/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about the machine: see the header.  The pipeline's thread. */
#include "host.h"

#include "utf8.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The values of host.arch in the semantic conventions. */
static const char *architecture_of(const char *machine)
{
	static const struct {
		const char *prefix, *name;
	} known[] = {
		{"x86_64", "amd64"}, {"aarch64", "arm64"},
		{"arm", "arm32"},    {"i386", "x86"},
		{"i486", "x86"},     {"i586", "x86"},
		{"i686", "x86"},     {"ppc64", "ppc64"},
		{"ppc", "ppc32"},    {"s390x", "s390x"},
		{"ia64", "ia64"},    {"riscv64", "riscv64"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strncmp(machine, known[i].prefix, strlen(known[i].prefix)))
			return known[i].name;
	return "";
}

static void read_machine_id(struct logtap_host *host)
{
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	char text[sizeof(host->id)];

	if (fd < 0)
		return;
	ssize_t bytes = read(fd, text, 32);
	close(fd);
	if (bytes != 32)
		return;
	text[32] = '\0';
	/* "uninitialized" and the like are no identity */
	if (strspn(text, "0123456789abcdef") == 32)
		memcpy(host->id, text, 33);
}

void logtap_host_init(struct logtap_host *host)
{
	struct utsname names;

	memset(host, 0, sizeof(*host));
	host->architecture = "";
	if (!uname(&names)) {
		logtap_utf8_copy(host->name, sizeof(host->name), names.nodename,
				 strlen(names.nodename));
		host->architecture = architecture_of(names.machine);
	}
	read_machine_id(host);
}

const char *logtap_host_owner(struct logtap_host *host, uint32_t uid)
{
	struct passwd entry, *found = NULL;
	char text[4096];

	for (unsigned i = 0; i < LOGTAP_HOST_OWNERS; i++)
		if (host->owners[i].name[0] && host->owners[i].uid == uid)
			return host->owners[i].name;
	unsigned slot = host->next_owner++ % LOGTAP_HOST_OWNERS;
	char *name = host->owners[slot].name;
	size_t bytes = sizeof(host->owners[slot].name);
	host->owners[slot].uid = uid;
	if (!getpwuid_r(uid, &entry, text, sizeof(text), &found) && found &&
	    found->pw_name[0])
		logtap_utf8_copy(name, bytes, found->pw_name,
				 strlen(found->pw_name));
	else
		snprintf(name, bytes, "%u", uid);
	return name;
}
