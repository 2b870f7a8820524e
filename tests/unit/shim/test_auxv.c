/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The auxiliary vector is found behind the environment, also behind one that was
 * changed, and never read past its end. */
#include "../../../shim/auxv.h"

#include "fixture.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <sys/auxv.h>

#define WORD(value) ((char *)(uintptr_t)(value))

Test(auxv, it_is_libcs)
{
	static const unsigned long types[] = {
		AT_EUID,   AT_EGID,	    AT_SECURE, AT_EXECFN,
		AT_PAGESZ, AT_SYSINFO_EHDR, AT_PHDR,   AT_RANDOM,
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		cr_assert_eq(logtap_auxv(types[i]), getauxval(types[i]),
			     "type %lu", types[i]);
	cr_assert_neq(logtap_auxv(AT_EXECFN), 0);
	cr_assert_eq(logtap_auxv(12345), 0);
	shim_begin((struct shim_options){0});
	shim_end();
}

Test(auxv, no_environment_at_all)
{
	char *stack[] = {WORD("program"), NULL, NULL, WORD(AT_UID),
			 WORD(1000),	  NULL, NULL};

	logtap_auxv_init(1, stack);
	cr_assert_eq(logtap_auxv(AT_UID), 1000);
	cr_assert_eq(logtap_auxv(AT_GID), 0);
}

/* unsetenv(3) moves what is behind a variable to its place. */
Test(auxv, an_environment_that_was_shortened)
{
	char *one[] = {WORD("program"), NULL,	    WORD("A=1"), NULL, NULL,
		       WORD(AT_UID),	WORD(1000), NULL,	 NULL};
	char *two[] = {WORD("program"),
		       NULL,
		       WORD("A=1"),
		       NULL,
		       WORD("C=1"),
		       NULL,
		       WORD(AT_UID),
		       WORD(1000),
		       NULL,
		       NULL};

	/* Its old end is taken for the vector's. */
	logtap_auxv_init(1, one);
	cr_assert_eq(logtap_auxv(AT_UID), 0);
	/* Its old end is taken for a value. */
	logtap_auxv_init(1, two);
	cr_assert_eq(logtap_auxv(AT_UID), 1000);
}
