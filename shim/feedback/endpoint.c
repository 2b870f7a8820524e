/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* OTLP endpoints: see the header.  Read once in the constructor, then constant;
 * matched in any thread. */
#include "endpoint.h"

#include "../bytes.h"
#include "../config.h"
#include "../segment/create.h"
#include "../state.h"

#include <endian.h>
#include <errno.h>
#include <logtap/abi/evidence.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/un.h>

#define CONFIGURED_MOST 8
#define PORT_GRPC 4317
#define PORT_HTTP 4318

enum host { HOST_ANY, HOST_LOOPBACK, HOST_IPV4 };

static LOGTAP_BSS("4") struct configured {
	enum host host;
	uint16_t port;
	uint32_t ipv4;	   /* in host order */
	size_t path_bytes; /* of a local socket; 0: none */
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* a copy:
	                   * programs write over their environment */
} configured[CONFIGURED_MOST];
static unsigned count;

/* Reads four numbers; @text is left behind them. */
static bool read_ipv4(const char **text, uint32_t *ipv4)
{
	const char *at = *text;
	uint64_t part;

	*ipv4 = 0;
	for (int i = 0; i < 4; i++) {
		if ((i && *at++ != '.') || !logtap_bytes_number(&at, &part) ||
		    part > 255)
			return false;
		*ipv4 = *ipv4 << 8 | (uint32_t)part;
	}
	*text = at;
	return true;
}

static bool ends_host(char next)
{
	return !next || next == ':' || next == '/' || next == ',';
}

/* Takes the host at @at.  Return: what is behind it. */
static const char *read_host(const char *at, struct configured *out)
{
	const char *rest = at;

	if (*at == '[') {
		if (logtap_bytes_after(at, "[::1]"))
			out->host = HOST_LOOPBACK;
		while (*at && *at != ']' && *at != ',')
			at++;
		return *at == ']' ? at + 1 : at;
	}
	if (read_ipv4(&rest, &out->ipv4) && ends_host(*rest)) {
		out->host = out->ipv4 >> 24 == IN_LOOPBACKNET ? HOST_LOOPBACK
							      : HOST_IPV4;
		return rest;
	}
	rest = logtap_bytes_after(at, "localhost");
	if (rest && ends_host(*rest))
		out->host = HOST_LOOPBACK;
	while (!ends_host(*at))
		at++;
	return at;
}

/* [SCHEME://]HOST[:PORT][/PATH], PORT, or unix:PATH, up to a comma. */
static bool read_one(const char *at, bool by_user, struct configured *out)
{
	const char *rest, *scheme = at;
	uint64_t port = 0;

	*out = (struct configured){.host = HOST_ANY};
	rest = logtap_bytes_after(at, "unix:");
	if (rest) {
		while (rest[0] == '/' && rest[1] == '/')
			rest++;
		for (; *rest && *rest != ','; rest++) {
			if (out->path_bytes == sizeof out->path)
				return false;
			out->path[out->path_bytes++] = *rest;
		}
		return out->path_bytes > 0;
	}
	rest = logtap_bytes_after(at, "http://");
	if (!rest)
		rest = logtap_bytes_after(at, "https://");
	if (rest)
		at = rest;
	rest = at;
	if (by_user && logtap_bytes_number(&rest, &port) && ends_host(*rest) &&
	    *rest != ':') {
		at = rest;
	} else {
		port = 0;
		at = read_host(at, out);
		if (*at == ':' && (at++, !logtap_bytes_number(&at, &port)))
			return false;
	}
	if (!port && at != scheme && logtap_bytes_after(scheme, "http"))
		port = scheme[4] == 's' ? 443 : 80;
	/* A name on a port of the web would be every other service as well. */
	if (!by_user && out->host == HOST_ANY && (port == 80 || port == 443))
		return false;
	out->port = (uint16_t)port;
	return port > 0 && port <= UINT16_MAX;
}

/* Return: false if a part of the list makes no sense. */
static bool read_list(const char *list, bool by_user)
{
	struct configured one;
	bool good = true;

	while (*list && count < CONFIGURED_MOST) {
		if (read_one(list, by_user, &one))
			configured[count++] = one;
		else
			good = false;
		while (*list && *list != ',')
			list++;
		list += *list == ',';
	}
	return good && !*list;
}

void logtap_endpoint_init(char **envp)
{
	static const char *const variables[] = {
		"OTEL_EXPORTER_OTLP_ENDPOINT=",
		"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=",
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=",
	};
	const char *list =
		logtap_config_variable(envp, "LOGTAP_OTLP_ENDPOINTS=");

	count = 0;
	if (list && !read_list(list, true))
		logtap_segment_diagnose(EINVAL,
					"LOGTAP_OTLP_ENDPOINTS: not a list of "
					"at most 8 [HOST:]PORT, URL or "
					"unix:PATH; what is none is ignored");
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		list = logtap_config_variable(envp, variables[i]);
		if (list)
			read_list(list, false);
	}
}

static bool is_loopback(const struct logtap_endpoint *endpoint)
{
	static const unsigned char ipv6_loopback[16] = {[15] = 1};

	if (endpoint->family == AF_INET)
		return endpoint->address[0] == IN_LOOPBACKNET;
	for (int i = 0; i < 16; i++)
		if (endpoint->address[i] != ipv6_loopback[i])
			return false;
	return true;
}

static bool matches(const struct configured *one,
		    const struct logtap_endpoint *endpoint)
{
	const unsigned char *at = endpoint->address;

	if (one->path_bytes || one->port != endpoint->port)
		return false;
	if (one->host == HOST_LOOPBACK)
		return is_loopback(endpoint);
	if (one->host == HOST_ANY)
		return true;
	return endpoint->family == AF_INET &&
	       one->ipv4 == ((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
			     (uint32_t)at[2] << 8 | at[3]);
}

static uint16_t known(const struct logtap_endpoint *endpoint)
{
	uint16_t how = 0;

	if (endpoint->port == PORT_GRPC || endpoint->port == PORT_HTTP)
		how = LOGTAP_EVIDENCE_BY_PORT;
	for (unsigned i = 0; i < count; i++)
		if (matches(&configured[i], endpoint))
			return how | LOGTAP_EVIDENCE_CONFIGURED;
	return how;
}

static uint16_t known_local(const struct sockaddr_un *local, socklen_t bytes)
{
	size_t room = bytes - offsetof(struct sockaddr_un, sun_path);

	for (unsigned i = 0; i < count; i++) {
		const struct configured *one = &configured[i];
		size_t same = 0;
		if (!one->path_bytes)
			continue;
		while (same < one->path_bytes && same < room &&
		       one->path[same] == local->sun_path[same])
			same++;
		if (same == one->path_bytes &&
		    (same == room || !local->sun_path[same]))
			return LOGTAP_EVIDENCE_CONFIGURED;
	}
	return 0;
}

/* IPv4 in the clothes of IPv6 is IPv4. */
static void take_ipv6(const struct sockaddr_in6 *from,
		      struct logtap_endpoint *to)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	const unsigned char *at = from->sin6_addr.s6_addr;
	int same = 0;

	while (same < 12 && at[same] == mapped[same])
		same++;
	to->port = be16toh(from->sin6_port);
	if (same == 12) {
		to->family = AF_INET;
		__builtin_memcpy(to->address, at + 12, 4);
	} else {
		__builtin_memcpy(to->address, at, 16);
	}
}

struct logtap_endpoint logtap_endpoint_of(const struct sockaddr *address,
					  socklen_t bytes)
{
	struct logtap_endpoint endpoint = {0};

	if (!address || bytes < sizeof address->sa_family)
		return endpoint;
	if (address->sa_family == AF_INET &&
	    bytes >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *ipv4 = (const void *)address;
		endpoint.family = AF_INET;
		endpoint.port = be16toh(ipv4->sin_port);
		__builtin_memcpy(endpoint.address, &ipv4->sin_addr, 4);
		endpoint.known = known(&endpoint);
	} else if (address->sa_family == AF_INET6 &&
		   bytes >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		endpoint.family = AF_INET6;
		take_ipv6((const void *)address, &endpoint);
		endpoint.known = known(&endpoint);
	} else if (address->sa_family == AF_UNIX &&
		   bytes > offsetof(struct sockaddr_un, sun_path)) {
		endpoint.family = AF_UNIX;
		endpoint.known = known_local((const void *)address, bytes);
	}
	return endpoint;
}
