/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A directory, an intake that a test begins on it, and what it has journalled:
 * for files whose every test has one of each. */
#ifndef LOGTAP_TESTS_INTAKE_SCENE_H
#define LOGTAP_TESTS_INTAKE_SCENE_H

#include "fixture.h"

static struct directory directory;
static struct intake intake;
static struct harvest harvest;

/* .init and .fini of the suite. */
static void setup(void)
{
	directory_init(&directory);
}

static void teardown(void)
{
	directory_deinit(&directory);
}

static void begin(void)
{
	intake_init(&intake, &directory, 0);
}

/* Anew, from the beginning of the journal. */
static void gather(void)
{
	harvest_deinit(&harvest);
	harvest_init(&harvest, intake.journal);
}

static void end(void)
{
	harvest_deinit(&harvest);
	intake_deinit(&intake);
}

#endif
