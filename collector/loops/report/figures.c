/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How large a loop is, in a few words: see report_write.h.  Any thread. */
#include "write.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_one(double value)
{
	return value > 0.95 && value < 1.05;
}

static void put_k(double k, char *out, size_t bytes)
{
	struct logtap_report_scratch number;

	if (k > 0)
		snprintf(out, bytes, "k=%s %s/export",
			 logtap_report_quantity(k, &number),
			 is_one(k) ? "record" : "records");
	else
		snprintf(out, bytes, "k not measured");
}

void logtap_report_figures(const json_t *loop,
			   char out[LOGTAP_REPORT_FIGURES_BYTES])
{
	double k = logtap_report_number(loop, "records_per_export");
	double b = logtap_report_number(loop, "exported_records");
	double gain = logtap_report_number(loop, "gain");
	double byte_gain = logtap_report_number(loop, "byte_gain");
	struct logtap_report_scratch number;
	char figure[4][56] = {"", "", "B not measured", ""};

	if (gain > 0)
		snprintf(figure[0], sizeof(figure[0]), "G=%s; ",
			 logtap_report_ratio(gain, &number));
	put_k(k, figure[1], sizeof(figure[1]));
	if (b > 0)
		snprintf(figure[2], sizeof(figure[2]), "B=%s",
			 logtap_report_quantity(b, &number));
	if (byte_gain > 1.005)
		snprintf(figure[3], sizeof(figure[3]), "; byte gain %.*f",
			 byte_gain < 1.095  ? 2
			 : byte_gain < 99.5 ? 1
					    : 0,
			 byte_gain);
	if (k > 0 || b > 0)
		snprintf(out, LOGTAP_REPORT_FIGURES_BYTES,
			 "%.40s%.40s, %.40s%.36s", figure[0], figure[1],
			 figure[2], figure[3]);
	else
		snprintf(out, LOGTAP_REPORT_FIGURES_BYTES,
			 "k and B not measured%.36s", figure[3]);
}
