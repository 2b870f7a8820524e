/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A library of which the unwinder believes that it took a stack. */
int logtap_stand_in(int value);
int logtap_stand_in(int value)
{
	return value + 1;
}
