/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Statically linked: copies standard input to standard output. */
#include <unistd.h>

int main(void)
{
	char buffer[4096];
	ssize_t size;

	while ((size = read(0, buffer, sizeof buffer)) > 0)
		if (write(1, buffer, (size_t)size) != size)
			return 1;
	return 0;
}
