/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a collector refuses to begin with, because it would feed back or could
 * not be told from what it is to deliver: see options.h.  Main thread.
 */
#include "../../admin/address.h"
#include "../../base/error.h"
#include "../../run/channels.h"
#include "options.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(char *error, size_t error_bytes, const char *where,
		   const char *why, const char *next)
{
	logtap_error_format(error, error_bytes, "collect", where, why, next);
	return false;
}

/* Programs inherit LOGTAP_FILES from the same environment, as a rule. */
static bool is_captured_file(const char *path)
{
	const char *patterns = getenv("LOGTAP_FILES");

	return patterns && *patterns && logtap_channels_match(patterns, path);
}

static bool is_own_stderr(const char *path)
{
	struct stat file, error;

	return !stat(path, &file) && !fstat(STDERR_FILENO, &error) &&
	       S_ISREG(file.st_mode) && file.st_dev == error.st_dev &&
	       file.st_ino == error.st_ino;
}

bool logtap_collect_check(const struct logtap_collect_options *options,
			  char *error, size_t error_bytes)
{
	const char *output = options->output;

	if (!output || !strcmp(output, "-"))
		return true;
	/* what logtap run was told it has judged itself */
	if (!options->session_fd && is_captured_file(output))
		return refuse(error, error_bytes, output,
			      "LOGTAP_FILES has programs' writes to that file "
			      "captured: what is delivered would be captured "
			      "again",
			      "name another file");
	if (is_own_stderr(output))
		return refuse(error, error_bytes, output,
			      "is where standard error goes, and with it the "
			      "collector's own messages",
			      "name another file");
	return true;
}

static bool is_this_machine(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (!strcasecmp(host, "localhost"))
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127 || !v4.s_addr;
	return inet_pton(AF_INET6, host, &v6) == 1 &&
	       (IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6));
}

/* Is it the same address in numbers? */
static bool is_address(const struct logtap_address *admin, const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (admin->name.any.sa_family == AF_INET)
		return inet_pton(AF_INET, host, &v4) == 1 &&
		       v4.s_addr == admin->name.v4.sin_addr.s_addr;
	return inet_pton(AF_INET6, host, &v6) == 1 &&
	       !memcmp(&v6, &admin->name.v6.sin6_addr, sizeof(v6));
}

static bool leads_to(const struct logtap_address *admin, const char *host,
		     const char *port)
{
	char bare[256];
	in_port_t listens = admin->name.any.sa_family == AF_INET
				    ? admin->name.v4.sin_port
				    : admin->name.v6.sin6_port;

	if (!listens || ntohs(listens) != atoi(port))
		return false;
	snprintf(bare, sizeof(bare), "%s", host + (*host == '['));
	bare[strcspn(bare, "]")] = 0;
	return is_this_machine(bare) || is_address(admin, bare);
}

static bool check_url(const struct logtap_collect_options *options,
		      const char *url, char *error, size_t error_bytes)
{
	struct logtap_address admin;
	char *host = NULL, *port = NULL;
	bool own = false;

	if (!options->admin || logtap_address_parse(options->admin, &admin) ||
	    admin.name.any.sa_family == AF_UNIX)
		return true;
	CURLU *parsed = curl_url();
	if (parsed && !curl_url_set(parsed, CURLUPART_URL, url, 0) &&
	    !curl_url_get(parsed, CURLUPART_HOST, &host, 0) &&
	    !curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT))
		own = leads_to(&admin, host, port);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parsed);
	return !own || refuse(error, error_bytes, options->admin,
			      "a destination is this collector's own endpoint",
			      "name the receiver, or another --admin");
}

int logtap_collect_otlp_config(
	struct logtap_otlp_config *config,
	const struct logtap_collect_options *options, const char *url,
	const struct logtap_otlp_environment *environment, char *error,
	size_t error_bytes)
{
	int result = logtap_otlp_config_init(config, url && *url ? url : NULL,
					     environment, error, error_bytes);
	if (result)
		return result;
	if (check_url(options, config->url, error, error_bytes))
		return 0;
	logtap_otlp_config_deinit(config);
	return -EINVAL;
}
