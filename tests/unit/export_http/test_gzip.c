/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Compression of request bodies. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../../../collector/export/gzip.h"

/* Inflates @in, which must be one whole gzip member, and compares. */
static void assert_inflates_to(const struct logtap_bytes *in,
			       const struct logtap_bytes *expected)
{
	z_stream stream = {0};
	unsigned char *out = malloc(expected->size + 1);
	cr_assert_not_null(out);
	cr_assert_eq(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = in->data;
	stream.avail_in = (uInt)in->size;
	stream.next_out = out;
	stream.avail_out = (uInt)expected->size + 1;
	cr_assert_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	cr_assert_eq(stream.total_out, expected->size);
	cr_assert_eq(stream.avail_in, 0);
	cr_assert_eq(memcmp(out, expected->data, expected->size), 0);
	inflateEnd(&stream);
	free(out);
}

Test(gzip, each_body_is_compressed_by_itself)
{
	struct logtap_gzip *gzip = logtap_gzip_new();
	struct logtap_bytes in = {0};
	struct logtap_bytes out = {0};
	cr_assert_not_null(gzip);
	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < 3000; i++) {
			unsigned number = i * (round + 1);
			cr_assert_eq(logtap_bytes_append(&in, &number,
							 sizeof(number)),
				     0);
		}
		cr_assert_eq(logtap_gzip_compress(gzip, &in, &out), 0);
		cr_assert_lt(out.size, in.size);
		assert_inflates_to(&out, &in);
	}
	logtap_bytes_deinit(&in);
	logtap_bytes_deinit(&out);
	logtap_gzip_free(gzip);
}

Test(gzip, bytes_that_do_not_compress_still_fit)
{
	struct logtap_gzip *gzip = logtap_gzip_new();
	struct logtap_bytes in = {0};
	struct logtap_bytes out = {0};
	uint32_t random = 1;
	cr_assert_not_null(gzip);
	for (unsigned i = 0; i < 50000; i++) {
		random = random * 1664525 + 1013904223;
		unsigned char byte = (unsigned char)(random >> 24);
		cr_assert_eq(logtap_bytes_append(&in, &byte, 1), 0);
	}
	cr_assert_eq(logtap_gzip_compress(gzip, &in, &out), 0);
	assert_inflates_to(&out, &in);
	logtap_bytes_deinit(&in);
	logtap_bytes_deinit(&out);
	logtap_gzip_free(gzip);
}
