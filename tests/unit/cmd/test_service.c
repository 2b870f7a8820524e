/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap service: which names are services, how units are read, what is in the
 * way of capture, and the text of the drop-in. */
#include "../../../collector/cmd/service/dropin.h"
#include "../../../collector/cmd/service/unit.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "/usr/lib/logtap/liblogtap.so"

static struct logtap_unit unit;

static void end(void)
{
	logtap_unit_deinit(&unit);
}

TestSuite(service, .fini = end);

Test(service, names)
{
	static const char *const wrong[] = {
		"",   "../x",	  "a/b",     "x y",    ".service",	 "@x",
		"a*", "x.socket", "x.timer", "getty@", "getty@.service", "x\n"};
	char name[LOGTAP_UNIT_NAME_BYTES], long_one[300];

	cr_assert_null(logtap_unit_name("nginx", name));
	cr_assert_str_eq(name, "nginx.service");
	cr_assert_null(logtap_unit_name("getty@tty1.service", name));
	cr_assert_str_eq(name, "getty@tty1.service");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert_not_null(logtap_unit_name(wrong[i], name), "%s",
				   wrong[i]);
	memset(long_one, 'x', sizeof(long_one));
	long_one[248] = '\0';
	cr_assert_not_null(logtap_unit_name(long_one, name));
	long_one[247] = '\0';
	cr_assert_null(logtap_unit_name(long_one, name));
}

Test(service, templates)
{
	char out[LOGTAP_UNIT_NAME_BYTES];

	cr_assert(logtap_unit_template("getty@tty1.service", out));
	cr_assert_str_eq(out, "getty@.service");
	cr_assert_not(logtap_unit_template("nginx.service", out));
}

static size_t count(const char *key)
{
	size_t found = 0;

	for (size_t at = 0; logtap_unit_next(&unit, key, &at);)
		found++;
	return found;
}

Test(service, settings)
{
	cr_assert_not(logtap_unit_parse(
		&unit, "User=unseen\n[Unit]\nUser=neither\n# User=nor\n"
		       "[Service]\r\n ExecStart = /bin/a \\\n ; comment\n  b\n"
		       "Environment=A=1\nUser=one\n[Install]\nUser=three"));
	cr_assert_not(logtap_unit_parse(
		&unit, "[Service]\nEnvironment=\nEnvironment=B=2\nUser=two\n"
		       "nonsense\n=\n\\"));
	cr_assert_str_eq(logtap_unit_get(&unit, "ExecStart"), "/bin/a    b");
	cr_assert_str_eq(logtap_unit_get(&unit, "User"), "two");
	cr_assert_str_eq(logtap_unit_get(&unit, "Group"), "");
	cr_assert_eq(count("Environment"), 1u);
}

Test(service, assignments)
{
	cr_assert(logtap_unit_assigns("A=1 \"LD_PRELOAD=/x\"", "LD_PRELOAD"));
	cr_assert(logtap_unit_assigns("A=1\nLD_PRELOAD=", "LD_PRELOAD"));
	cr_assert_not(logtap_unit_assigns("MY_LD_PRELOAD=1", "LD_PRELOAD"));
	cr_assert_not(logtap_unit_assigns("A=LD_PRELOAD", "LD_PRELOAD"));
}

struct said {
	int count;
	char last[1024];
};

static void note(void *context, const char *why, const char *next)
{
	struct said *said = context;

	(void)next;
	said->count++;
	snprintf(said->last, sizeof(said->last), "%s", why);
}

Test(service, hindrances)
{
	static const struct {
		const char *text, *library, *begin; /* NULL: nothing is said */
	} table[] = {
		{"ProtectSystem=strict\nSystemCallFilter=@system-service\n"
		 "NoNewPrivileges=yes\nPrivateTmp=yes\nProtectHome=yes\n",
		 LIBRARY, NULL},
		{"ProtectHome=yes\n", "/home/a/l.so", "ProtectHome="},
		{"ProtectHome=read-only\n", "/home/a/l.so", NULL},
		{"ProtectHome=yes\nBindReadOnlyPaths=/home/a\n", "/home/a/l.so",
		 NULL},
		{"ProtectHome=yes\nProtectHome=no\n", "/home/a/l.so", NULL},
		{"PrivateTmp=yes\n", "/tmp/l.so", "PrivateTmp="},
		{"PrivateTmp=yes\n", "/tmpfs/l.so", NULL},
		{"InaccessiblePaths=-/run /x\n", LIBRARY, "InaccessiblePaths="},
		{"TemporaryFileSystem=/usr:ro\n", LIBRARY,
		 "TemporaryFileSystem="},
		{"NoExecPaths=/\nExecPaths=/usr/bin\n", LIBRARY,
		 "NoExecPaths="},
		{"NoExecPaths=/\nExecPaths=/usr/lib\n", LIBRARY, NULL},
		{"UnsetEnvironment=MY_LD_PRELOAD LD_PRELOAD_X\n", LIBRARY,
		 NULL},
		{"UnsetEnvironment=LD_PRELOAD=/x.so A\n", LIBRARY,
		 "UnsetEnvironment="},
		{"RootDirectory=/srv\nBindReadOnlyPaths=/usr\n"
		 "BindPaths=/run/logtap\n",
		 LIBRARY, NULL},
		{"RootDirectory=/srv\nBindReadOnlyPaths=/usr\n", LIBRARY,
		 "RootDirectory= hides /run/logtap"},
		{"UnsetEnvironment=A LD_PRELOAD\n", LIBRARY,
		 "UnsetEnvironment="},
	};
	char text[1024];

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct said said = {0};
		snprintf(text, sizeof(text), "[Service]\n%s", table[i].text);
		logtap_unit_parse(&unit, text);
		logtap_unit_check(&unit, "", table[i].library, note, &said);
		logtap_unit_deinit(&unit);
		cr_assert_eq(said.count, table[i].begin ? 1 : 0, "%s: %d, %s",
			     table[i].text, said.count, said.last);
		cr_assert(!table[i].begin || !strncmp(said.last, table[i].begin,
						      strlen(table[i].begin)),
			  "%s: %s", table[i].text, said.last);
	}
}

Test(service, text_of_the_drop_in)
{
	char *text = logtap_dropin_text(LIBRARY);

	cr_assert(logtap_dropin_is_ours(text));
	cr_assert_not(logtap_dropin_is_ours("[Service]\n"));
	cr_assert_not_null(
		strstr(text, "\nEnvironment=LD_PRELOAD=" LIBRARY "\n"));
	cr_assert_not_null(strstr(text, "\nEnvironment=LOGTAP_DIR="));
	cr_assert_null(strchr(text, '@'));
	free(text);
	cr_assert_null(logtap_dropin_text("/a b/liblogtap.so"));
	cr_assert_eq(errno, EINVAL);
}
