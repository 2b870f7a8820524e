/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A statically linked program, to be looked at. */
int main(void)
{
	return 0;
}
