/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of LOGTAP_FILES. */
#include "../../../shim/fd/glob.h"

#include <criterion/criterion.h>

#define YES(patterns, path)                                                 \
	cr_assert(logtap_glob_match_any(patterns, path), "%s %s", patterns, \
		  path)
#define NO(patterns, path)                                                   \
	cr_assert(!logtap_glob_match_any(patterns, path), "%s %s", patterns, \
		  path)

Test(glob, a_name_without_stars_is_itself)
{
	YES("/var/log/app.log", "/var/log/app.log");
	NO("/var/log/app.log", "/var/log/app.log.1");
	NO("/var/log/app.log", "/var/log/app.lo");
	NO("/var/log/app.log", "");
	NO("", "");
	NO("", "/var");
}

Test(glob, a_star_stays_within_a_folder)
{
	YES("/var/log/*.log", "/var/log/.log");
	YES("/var/log/*.log", "/var/log/a.log.log");
	NO("/var/log/*.log", "/var/log/sub/a.log");
	YES("/*/*/a", "/x/y/a");
	NO("/*/a", "/x/y/a");
	YES("/a*b*c", "/a-b-b-c-c");
	NO("/a*b*c", "/a-b-c-d");
}

Test(glob, two_stars_cross_folders)
{
	YES("/var/**.log", "/var/a/b/c.log");
	YES("/var/**", "/var/");
	YES("**/*.log", "/a/b.log");
	NO("/var/**/x*.log", "/var/a/y.log");
	YES("/var/**/x*.log", "/var/a/b/x1.log");
	YES("/**a/*b", "/1a/2a/3b");
}

Test(glob, a_question_mark_is_one_character_but_no_slash)
{
	YES("/a?c", "/abc");
	NO("/a?c", "/ac");
	NO("/a?c", "/a/c");
}

Test(glob, a_set_is_one_of_its_characters)
{
	YES("/app[0-9].log", "/app7.log");
	NO("/app[0-9].log", "/appx.log");
	YES("/app[!0-9].log", "/appx.log");
	NO("/app[!0-9].log", "/app7.log");
	NO("/app[!0-9]log", "/app/log");
	YES("/a[]]", "/a]");
	YES("/a[-x]", "/a-");
	YES("/a[", "/a[");
	YES("/[abc", "/[abc");
}

Test(glob, a_backslash_takes_the_next_as_it_is)
{
	YES("/a\\*", "/a*");
	NO("/a\\*", "/ab");
	YES("/a\\:b", "/a:b");
	YES("/a\\", "/a\\");
}

Test(glob, any_of_several_will_do)
{
	YES("/a:/b", "/b");
	YES("::/b:", "/b");
	NO("/a:/b", "/a:/b");
	NO("/a:/b", "/c");
}

Test(glob, many_stars_take_no_exponential_time)
{
	char path[201] = "/";

	for (size_t i = 1; i < 200; i++)
		path[i] = 'a';
	NO("/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path);
	NO("/**a**a**a**a**a**a**a**a**a**a**a**a**a**a**b", path);
}
