/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where the admin endpoint is. */
#include "../../../collector/admin/address.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Test(address, a_port_alone_is_on_the_loopback_interface)
{
	struct logtap_address address;

	cr_assert_null(logtap_address_parse("4319", &address));
	cr_assert_str_eq(address.text, "127.0.0.1:4319");
	cr_assert(address.loopback);
	cr_assert_null(logtap_address_parse(":4319", &address));
	cr_assert_str_eq(address.text, "127.0.0.1:4319");
	cr_assert_null(logtap_address_parse("localhost:80", &address));
	cr_assert_str_eq(address.text, "127.0.0.1:80");
}

Test(address, what_other_machines_can_reach_is_known)
{
	static const struct {
		const char *text;
		bool loopback;
	} cases[] = {
		{"127.8.9.1:1", true}, {"[::1]:1", true},
		{"0.0.0.0:1", false},  {"10.0.0.1:1", false},
		{"[::]:1", false},     {"[::ffff:127.0.0.1]:1", false},
		{"unix:/tmp/x", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct logtap_address address;
		cr_assert_null(logtap_address_parse(cases[i].text, &address),
			       "%s", cases[i].text);
		cr_assert_eq(address.loopback, cases[i].loopback, "%s",
			     cases[i].text);
		cr_assert_str_eq(address.text, cases[i].text);
	}
}

Test(address, what_is_no_address_is_refused_with_a_reason)
{
	char path[200];
	const char *const wrong[] = {
		"",	      "x",     "65536", "-1",	 "1.2.3.4", "host:1",
		"[::1:1",     "::1",   "[::1]", "[x]:1", "127.1:1", "1.2.3.4:",
		"1.2.3.4:9x", "unix:", path,	"[]:1",	 "[:1",	    "]:1",
	};

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	memcpy(path, "unix:/", 6);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct logtap_address address;
		cr_assert_not_null(logtap_address_parse(wrong[i], &address),
				   "%s", wrong[i]);
	}
}

Test(address, port_0_becomes_the_one_that_was_chosen)
{
	struct logtap_address address;

	cr_assert_null(logtap_address_parse("0", &address));
	int fd = logtap_address_listen(&address);
	cr_assert_geq(fd, 0);
	cr_assert_str_neq(address.text, "127.0.0.1:0");
	struct logtap_address again;
	cr_assert_null(logtap_address_parse(address.text, &again));
	cr_assert_eq(logtap_address_listen(&again), -EADDRINUSE);
	close(fd);
}

Test(address, a_socket_file_is_replaced_only_when_nobody_listens)
{
	char dir[] = "/tmp/logtap-address-XXXXXX", text[64];
	struct logtap_address address;
	struct stat file;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(text, sizeof(text), "unix:%s/s", dir);
	const char *path = text + strlen("unix:");
	cr_assert_null(logtap_address_parse(text, &address));
	int fd = logtap_address_listen(&address);
	cr_assert_geq(fd, 0);
	cr_assert_eq(stat(path, &file), 0);
	cr_assert_eq(file.st_mode & 0777, 0600);
	cr_assert_eq(logtap_address_listen(&address), -EADDRINUSE);
	close(fd); /* the file stays, as after a crash */
	fd = logtap_address_listen(&address);
	cr_assert_geq(fd, 0);
	close(fd);
	unlink(path);
	FILE *other = fopen(path, "w");
	cr_assert_not_null(other);
	fclose(other);
	cr_assert_eq(logtap_address_listen(&address), -EADDRINUSE);
	cr_assert_eq(stat(path, &file), 0);
	unlink(path);
	rmdir(dir);
}
