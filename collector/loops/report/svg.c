/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A loop's cycle as a picture: boxes in a ring, with an arrow from each to the
 * next.  See report.h.  Any thread. */
#include "report.h"

#include "../../admin/logs.h"
#include "write.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { BOX_WIDTH = 208, BOX_HEIGHT = 60, MARGIN = 24 };
enum { LINE_CHARACTERS = 27, LINES = 3, CENTRE_CHARACTERS = 48 };

/* XML has no way at all to say a control or one of these two. */
static bool is_no_character(const char *at)
{
	return (unsigned char)at[0] == 0xef && (unsigned char)at[1] == 0xbf &&
	       (unsigned char)at[2] >= 0xbe;
}

static void put_xml(struct logtap_report *to, const char *text, size_t bytes)
{
	struct logtap_bytes plain = {0};

	if (!to->error)
		to->error = logtap_text_escape(&plain, text, bytes);
	if (!to->error)
		to->error = logtap_bytes_append(&plain, "", 1);
	for (const char *at = (const char *)plain.data; !to->error && *at; at++)
		switch (*at) {
		case '&':
			logtap_report_print(to, "&amp;");
			break;
		case '<':
			logtap_report_print(to, "&lt;");
			break;
		case '>':
			logtap_report_print(to, "&gt;");
			break;
		case '"':
			logtap_report_print(to, "&quot;");
			break;
		default:
			if (is_no_character(at)) {
				logtap_report_print(to, "?");
				at += 2;
			} else {
				logtap_report_print(to, "%c", *at);
			}
		}
	logtap_bytes_deinit(&plain);
}

struct ring {
	size_t steps;
	double x, y; /* the centre */
	double radius_x, radius_y;
};

struct point {
	double x, y;
};

/* Wide enough that neighbours do not touch. */
static struct ring ring_of(size_t steps)
{
	struct ring ring = {.steps = steps};

	ring.radius_x = fmax(290, 46 * (double)steps);
	ring.radius_y = fmax(170, 34 * (double)steps);
	ring.x = ring.radius_x + BOX_WIDTH / 2 + MARGIN;
	ring.y = ring.radius_y + BOX_HEIGHT / 2 + MARGIN;
	return ring;
}

/* The first at the top, then clockwise. */
static struct point centre_of(const struct ring *ring, size_t index)
{
	double angle =
		2 * M_PI * (double)(index % ring->steps) / (double)ring->steps;

	return (struct point){ring->x + ring->radius_x * sin(angle),
			      ring->y - ring->radius_y * cos(angle)};
}

/* Where the line to @other leaves the box around @at. */
static struct point border_of(struct point at, struct point other)
{
	double x = other.x - at.x, y = other.y - at.y;
	double wide = fabs(x) / (BOX_WIDTH / 2.0 + 4);
	double high = fabs(y) / (BOX_HEIGHT / 2.0 + 4);
	double part = fmax(fmax(wide, high), 1);

	return (struct point){at.x + x / part, at.y + y / part};
}

static void put_arrow(struct logtap_report *to, const struct ring *ring,
		      size_t index)
{
	bool closing = index + 1 == ring->steps;
	struct point from = centre_of(ring, index);
	struct point until = centre_of(ring, index + 1);
	struct point begin = border_of(from, until);
	struct point end = border_of(until, from);

	if (ring->steps == 1)
		logtap_report_print(
			to,
			"<path class=\"closing\" d=\"M%.1f,%.1f c90,70 "
			"-150,70 -60,4\"/>\n",
			from.x - 30, from.y + BOX_HEIGHT / 2.0 + 4);
	else
		logtap_report_print(to,
				    "<path%s d=\"M%.1f,%.1f L%.1f,%.1f\"/>\n",
				    closing ? " class=\"closing\"" : "",
				    begin.x, begin.y, end.x, end.y);
}

/* Lines of a text around (@x, @y). */
static void put_lines(struct logtap_report *to, const char *text, double x,
		      double y, size_t width, size_t most)
{
	size_t characters = logtap_report_characters(text, strlen(text));
	size_t lines = (characters + width - 1) / width;

	if (lines > most)
		lines = most;
	y -= 8 * ((double)lines - 1);
	for (size_t i = 0; i < lines; i++, y += 16) {
		size_t bytes = logtap_report_prefix(text, width);
		bool cut = i + 1 == most && text[bytes];
		if (cut)
			bytes = logtap_report_prefix(text, width - 3);
		logtap_report_print(to, "<text x=\"%.1f\" y=\"%.1f\">", x,
				    y + 4);
		put_xml(to, text, bytes);
		logtap_report_print(to, "%s</text>\n", cut ? "..." : "");
		text += bytes;
	}
}

static void put_box(struct logtap_report *to, const json_t *loop,
		    const struct ring *ring, size_t index)
{
	struct point at = centre_of(ring, index);

	logtap_report_print(to,
			    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" "
			    "height=\"%d\" rx=\"6\"/>\n",
			    at.x - BOX_WIDTH / 2.0, at.y - BOX_HEIGHT / 2.0,
			    BOX_WIDTH, BOX_HEIGHT);
	put_lines(to, logtap_report_step(loop, index), at.x, at.y,
		  LINE_CHARACTERS, LINES);
}

static void put_centre(struct logtap_report *to, const json_t *loop,
		       const struct ring *ring)
{
	struct logtap_report_scratch rate;
	char figures[LOGTAP_REPORT_FIGURES_BYTES];
	double y = ring->y - 30;

	logtap_report_print(to, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">",
			    ring->x, y);
	logtap_report_print(
		to, "loop %.0f: ", logtap_report_number(loop, "number"));
	static const char *const keys[] = {"confidence", "class", "name"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = logtap_report_string(loop, keys[i]);
		put_xml(to, text, logtap_report_prefix(text, 24));
		logtap_report_print(to, i < 2 ? " " : "</text>\n");
	}
	logtap_report_figures(loop, figures);
	logtap_report_print(to, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			    ring->x, y + 20, figures);
	logtap_report_print(
		to, "<text x=\"%.1f\" y=\"%.1f\">%s records/s</text>\n",
		ring->x, y + 36,
		logtap_report_quantity(
			logtap_report_number(loop, "records_per_second"),
			&rate));
	put_lines(to, logtap_report_string(loop, "closes"), ring->x, y + 68,
		  CENTRE_CHARACTERS, LINES);
}

int logtap_loops_report_svg(const json_t *loop, struct logtap_bytes *out)
{
	struct logtap_report to = {.out = out};
	size_t steps = logtap_report_steps(loop);
	struct ring ring = ring_of(steps ? steps : 1);

	logtap_report_print(
		&to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" font-family=\"monospace\" font-size=\"12\" "
		"text-anchor=\"middle\">\n",
		2 * ring.x, 2 * ring.y);
	logtap_report_print(&to,
			    "<style>rect{fill:#f4f6f8;stroke:#345}"
			    "path{fill:none;stroke:#345;stroke-width:1.5;"
			    "marker-end:url(#tip)}"
			    ".closing{stroke:#c22;stroke-dasharray:6 4}"
			    ".name{font-weight:bold;font-size:14px}</style>\n");
	logtap_report_print(
		&to,
		"<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" "
		"refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" "
		"orient=\"auto\"><path d=\"M0,0 L10,5 L0,10 z\" "
		"style=\"fill:#345;stroke:none;marker-end:none\"/>"
		"</marker></defs>\n"
		"<rect width=\"100%%\" height=\"100%%\" "
		"style=\"fill:#fff;stroke:none\"/>\n");
	for (size_t i = 0; i < steps; i++)
		put_arrow(&to, &ring, i);
	for (size_t i = 0; i < steps; i++)
		put_box(&to, loop, &ring, i);
	put_centre(&to, loop, &ring);
	logtap_report_print(&to, "</svg>\n");
	return to.error;
}
