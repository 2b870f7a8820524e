/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The logtap program: one command a file, in cmd/. */
int main(void)
{
	return 2;
}
