/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* LOGTAP_* of the environment. */
#include "../../../shim/config.h"
#include "../../../shim/segment/create.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct logtap_config config;

static bool with(const char *a, const char *b)
{
	char *envp[] = {(char *)(uintptr_t) "HOME=/",
			(char *)(uintptr_t) "LOGTAP_DIR=/d",
			(char *)(uintptr_t)a, (char *)(uintptr_t)b, NULL};

	memset(&config, 0xee, sizeof config);
	return logtap_config_read(envp, &config);
}

static const struct logtap_diagnostic *diagnostic(unsigned index)
{
	return &logtap_state.mappings[0].segment->diagnostics[index];
}

/* Is the one diagnostic of @variable, and does it say what is @used instead? */
static void assert_said(const char *variable, const char *used)
{
	shim_begin((struct shim_options){0});
	logtap_segment_diagnose(0, NULL);
	cr_assert_eq(diagnostic(0)->state, 2);
	cr_assert_eq(diagnostic(0)->error, EINVAL);
	const char *text = diagnostic(0)->text, *end = text + strlen(text);
	cr_assert_eq(strncmp(text, variable, strlen(variable)), 0, "%s", text);
	cr_assert_str_eq(end - strlen(used), used);
	cr_assert_eq(diagnostic(1)->state, 0);
	shim_end();
}

Test(config, without_a_directory_logtap_is_inert)
{
	char *none[] = {NULL};
	char *empty[] = {(char *)(uintptr_t) "LOGTAP_DIR=", NULL};
	char *relative[] = {(char *)(uintptr_t) "LOGTAP_DIR=d", NULL};
	char similar[] = "LOGTAP_DIRECTORY=/d";
	char *other[] = {similar, NULL};

	cr_assert_not(logtap_config_read(NULL, &config));
	cr_assert_not(logtap_config_read(none, &config));
	cr_assert_not(logtap_config_read(empty, &config));
	cr_assert_not(logtap_config_read(relative, &config));
	cr_assert_not(logtap_config_read(other, &config));
}

Test(config, a_directory_that_is_too_long_is_not_cut_to_another)
{
	char path[LOGTAP_DIRECTORY_BYTES + 20] = "LOGTAP_DIR=/";
	char *envp[] = {path, NULL};
	size_t prefix = strlen("LOGTAP_DIR=");

	memset(path + prefix + 1, 'x', LOGTAP_DIRECTORY_BYTES - 2);
	cr_assert(logtap_config_read(envp, &config));
	cr_assert_str_eq(config.directory, path + prefix);
	path[prefix + LOGTAP_DIRECTORY_BYTES - 1] = 'x';
	cr_assert_not(logtap_config_read(envp, &config));
}

Test(config, disabled_means_inert_and_0_means_not_disabled)
{
	cr_assert_not(with("LOGTAP_DISABLED=1", NULL));
	cr_assert_not(with("LOGTAP_DISABLED=yes", NULL));
	cr_assert(with("LOGTAP_DISABLED=0", NULL));
	cr_assert(with("LOGTAP_DISABLED=", NULL));
}

Test(config, the_defaults)
{
	cr_assert(with(NULL, NULL));
	cr_assert_str_eq(config.directory, "/d");
	cr_assert_eq(config.mode, LOGTAP_MODE_TEE);
	cr_assert_eq(config.full, LOGTAP_FULL_AUTO);
	cr_assert_eq(config.ring_bytes_max, 2 << 20);
	cr_assert_not(config.follow);
}

Test(config, what_is_asked_for)
{
	cr_assert(with("LOGTAP_MODE=divert", "LOGTAP_FOLLOW=1"));
	cr_assert_eq(config.mode, LOGTAP_MODE_DIVERT);
	cr_assert(config.follow);
	cr_assert(with("LOGTAP_FULL=drop-newest", NULL));
	cr_assert_eq(config.full, LOGTAP_FULL_DROP_NEWEST);
	cr_assert(with("LOGTAP_FULL=drop-oldest", NULL));
	cr_assert_eq(config.full, LOGTAP_FULL_DROP_OLDEST);
	cr_assert(with("LOGTAP_FULL=block", NULL));
	cr_assert_eq(config.full, LOGTAP_FULL_BLOCK);
}

Test(config, the_size_of_a_ring_is_rounded_up_to_a_power_of_two)
{
	cr_assert(with("LOGTAP_RING_BYTES=4096", NULL));
	cr_assert_eq(config.ring_bytes_max, 4096);
	cr_assert(with("LOGTAP_RING_BYTES=4097", NULL));
	cr_assert_eq(config.ring_bytes_max, 8192);
	cr_assert(with("LOGTAP_RING_BYTES=67108864", NULL));
	cr_assert_eq(config.ring_bytes_max, 64 << 20);
}

Test(config, how_long_to_block_may_be_said)
{
	static const char *const bad[] = {
		"LOGTAP_FULL=block:", "LOGTAP_FULL=block:1s",
		"LOGTAP_FULL=block100", "LOGTAP_FULL=block:-1",
		"LOGTAP_FULL=block:99999999999"};

	cr_assert(with("LOGTAP_FULL=block:7", NULL));
	cr_assert_eq(config.full, LOGTAP_FULL_BLOCK);
	cr_assert_eq(config.block_ns, 7000000);
	cr_assert(with("LOGTAP_FULL=block", NULL));
	cr_assert_gt(config.block_ns, 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		cr_assert(with(bad[i], NULL));
		cr_assert_eq(config.full, LOGTAP_FULL_AUTO, "%s", bad[i]);
	}
}

Test(config, a_bad_mode_is_said_and_means_tee)
{
	cr_assert(with("LOGTAP_MODE=Tee", NULL));
	cr_assert_eq(config.mode, LOGTAP_MODE_TEE);
	assert_said("LOGTAP_MODE: ", "; tee is used");
}

Test(config, a_bad_policy_is_said_and_means_auto)
{
	cr_assert(with("LOGTAP_FULL=drop", NULL));
	cr_assert_eq(config.full, LOGTAP_FULL_AUTO);
	assert_said("LOGTAP_FULL: ", "; auto is used");
}

Test(config, block_has_a_deadline)
{
	static const char *const bad[] = {
		"LOGTAP_FULL=block:", "LOGTAP_FULL=block:1s",
		"LOGTAP_FULL=block:3600001", "LOGTAP_FULL=blocked"};

	cr_assert(with("LOGTAP_FULL=block", NULL));
	cr_assert_eq(config.block_ns, 100000000);
	cr_assert(with("LOGTAP_FULL=block:250", NULL));
	cr_assert_eq(config.full, LOGTAP_FULL_BLOCK);
	cr_assert_eq(config.block_ns, 250000000);
	cr_assert(with("LOGTAP_FULL=block:0", NULL));
	cr_assert_eq(config.block_ns, 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		cr_assert(with(bad[i], NULL));
		cr_assert_eq(config.full, LOGTAP_FULL_AUTO);
	}
}

Test(config, a_bad_size_is_said_and_means_the_default)
{
	static const char *const bad[] = {
		"LOGTAP_RING_BYTES=4095",
		"LOGTAP_RING_BYTES=67108865",
		"LOGTAP_RING_BYTES=64K",
		"LOGTAP_RING_BYTES=-4096",
		"LOGTAP_RING_BYTES= 4096",
		"LOGTAP_RING_BYTES=99999999999999999999"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		cr_assert(with(bad[i], NULL));
		cr_assert_eq(config.ring_bytes_max, 2 << 20, "%s", bad[i]);
	}
}

Test(config, a_bad_size_is_said)
{
	cr_assert(with("LOGTAP_RING_BYTES=1", NULL));
	assert_said("LOGTAP_RING_BYTES: ", "; 2097152 is used");
}
