/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses are OTLP endpoints, by port and by configuration. */
#include "../../../shim/feedback/endpoint.h"
#include "fixture.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <logtap/abi/evidence.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum {
	NONE = 0,
	PORT = LOGTAP_EVIDENCE_BY_PORT,
	SET = LOGTAP_EVIDENCE_CONFIGURED
};

static struct logtap_endpoint of(const char *host, unsigned port)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)port)};
	struct sockaddr_in four = {.sin_family = AF_INET,
				   .sin_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, host, &four.sin_addr) == 1)
		return logtap_endpoint_of((void *)&four, sizeof four);
	cr_assert_eq(inet_pton(AF_INET6, host, &six.sin6_addr), 1);
	return logtap_endpoint_of((void *)&six, sizeof six);
}

static unsigned known(const char *host, unsigned port)
{
	return of(host, port).known;
}

static void configure(const char *variable)
{
	char *environment[] = {(char *)(uintptr_t)variable, NULL};

	logtap_endpoint_init(environment);
}

Test(endpoint, the_two_ports_are_known_anywhere)
{
	configure("UNRELATED=1");
	cr_assert_eq(known("127.0.0.1", 4318), PORT);
	cr_assert_eq(known("192.0.2.7", 4317), PORT);
	cr_assert_eq(known("2001:db8::1", 4317), PORT);
	cr_assert_eq(known("127.0.0.1", 4319), NONE);
	cr_assert_eq(known("127.0.0.1", 80), NONE);
}

Test(endpoint, an_address_is_told_as_it_is)
{
	static const unsigned char mapped[4] = {192, 0, 2, 7};
	struct logtap_endpoint endpoint = of("::ffff:192.0.2.7", 4318);

	cr_assert_eq(endpoint.family, AF_INET);
	cr_assert_eq(endpoint.port, 4318);
	cr_assert_eq(memcmp(endpoint.address, mapped, 4), 0);
	cr_assert_eq(of("2001:db8::1", 1).family, AF_INET6);
}

Test(endpoint, a_literal_address_is_that_address_alone)
{
	configure("OTEL_EXPORTER_OTLP_ENDPOINT=http://192.0.2.7:9000/x");
	cr_assert_eq(known("192.0.2.7", 9000), SET);
	cr_assert_eq(known("192.0.2.8", 9000), NONE);
	cr_assert_eq(known("192.0.2.7", 9001), NONE);
}

Test(endpoint, localhost_is_each_loopback_address)
{
	configure("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://localhost:80");
	cr_assert_eq(known("127.0.0.1", 80), SET);
	cr_assert_eq(known("::1", 80), SET);
	cr_assert_eq(known("192.0.2.7", 80), NONE);
	configure("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=https://[::1]/v1/logs");
	cr_assert_eq(known("127.0.0.1", 443), SET);
}

Test(endpoint, of_a_name_the_port_is_known_but_not_a_port_of_the_web)
{
	configure("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.example:9000");
	cr_assert_eq(known("192.0.2.7", 9000), SET);
	configure("OTEL_EXPORTER_OTLP_ENDPOINT=https://collector.example");
	cr_assert_eq(known("192.0.2.7", 443), NONE);
	configure("LOGTAP_OTLP_ENDPOINTS=https://collector.example");
	cr_assert_eq(known("192.0.2.7", 443), SET);
}

Test(endpoint, a_list_of_our_own_takes_ports_urls_and_sockets)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX,
				    .sun_path = "/run/otel.sock"};

	configure("LOGTAP_OTLP_ENDPOINTS=9100,10.0.0.1:9200,"
		  "unix:/run/otel.sock");
	cr_assert_eq(known("192.0.2.7", 9100), SET);
	cr_assert_eq(known("10.0.0.1", 9200), SET);
	cr_assert_eq(known("10.0.0.2", 9200), NONE);
	cr_assert_eq(logtap_endpoint_of((void *)&local, sizeof local).known,
		     SET);
	local.sun_path[9] = 'x';
	cr_assert_eq(logtap_endpoint_of((void *)&local, sizeof local).known,
		     NONE);
}

Test(endpoint, what_is_no_endpoint_is_left_out_and_said)
{
	shim_begin((struct shim_options){0});
	configure("LOGTAP_OTLP_ENDPOINTS=,nonsense,70000,9100");
	cr_assert_eq(known("192.0.2.7", 9100), SET);
	const struct logtap_segment *segment = logtap_state.mappings[0].segment;
	cr_assert(strstr(segment->diagnostics[0].text, "ENDPOINTS"), "said: %s",
		  segment->diagnostics[0].text);
	shim_end();
}

Test(endpoint, short_and_missing_addresses_are_none)
{
	struct sockaddr_in four = {.sin_family = AF_INET,
				   .sin_port = htons(4318)};

	cr_assert_eq(logtap_endpoint_of(NULL, 0).known, NONE);
	for (socklen_t bytes = 0; bytes < sizeof four; bytes++)
		cr_assert_eq(logtap_endpoint_of((void *)&four, bytes).known,
			     NONE);
}
