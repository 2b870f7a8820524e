/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A statically linked program, for test_target.c to look at. */
int main(void)
{
	return 0;
}
