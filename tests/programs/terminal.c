/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What the program finds its standard error to be, on standard output; and two
 * lines on standard error. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
	struct winsize size = {0};

	ioctl(2, TIOCGWINSZ, &size);
	printf("%d %d %d\n", isatty(2), size.ws_row, size.ws_col);
	fprintf(stderr, "one line\n\tand \033[1manother\033[0m\n");
	return 5;
}
