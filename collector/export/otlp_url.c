/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints, through libcurl's URL parser, so that what is checked here is what
 * is connected to later.  Called once at start. */
#include "otlp_url.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const char *text, const char *fault, char *why,
		  size_t why_bytes)
{
	/* What stands before '@' may be a password. */
	const char *at = strrchr(text, '@');
	snprintf(why, why_bytes, "'%s%.200s' %s", at ? "..." : "",
		 at ? at : text, fault);
	return -EINVAL;
}

static CURLUcode complete(CURLU *parsed, enum logtap_otlp_url_form form,
			  const char *own_path)
{
	char *path;
	CURLUcode code = curl_url_get(parsed, CURLUPART_PATH, &path, 0);
	if (code)
		return code;
	size_t size = strlen(path);
	char *whole = NULL;
	if (form == LOGTAP_OTLP_URL_BASE ||
	    (form == LOGTAP_OTLP_URL_OPTION && !strcmp(path, "/"))) {
		const char *slash = size && path[size - 1] == '/' ? "" : "/";
		if (asprintf(&whole, "%s%s%s", path, slash, own_path) < 0)
			whole = NULL;
		code = whole ? curl_url_set(parsed, CURLUPART_PATH, whole, 0)
			     : CURLUE_OUT_OF_MEMORY;
		free(whole);
	}
	curl_free(path);
	return code;
}

/* A copy that free(3) frees. */
static CURLUcode whole_url(CURLU *parsed, char **out)
{
	char *text;
	CURLUcode code = curl_url_get(parsed, CURLUPART_URL, &text, 0);
	if (code)
		return code;
	*out = strdup(text);
	curl_free(text);
	return *out ? CURLUE_OK : CURLUE_OUT_OF_MEMORY;
}

static CURLUcode strip_secrets(CURLU *parsed)
{
	static const CURLUPart parts[] = {CURLUPART_USER, CURLUPART_PASSWORD,
					  CURLUPART_OPTIONS, CURLUPART_QUERY};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		CURLUcode code = curl_url_set(parsed, parts[i], NULL, 0);
		if (code)
			return code;
	}
	return CURLUE_OK;
}

int logtap_otlp_url_parse(const char *text, enum logtap_otlp_url_form form,
			  const char *path, char **url, char **name, char *why,
			  size_t why_bytes)
{
	*url = NULL;
	*name = NULL;
	CURLU *parsed = curl_url();
	if (!parsed)
		return -ENOMEM;
	CURLUcode code = curl_url_set(parsed, CURLUPART_URL, text, 0);
	char *scheme = NULL;
	const char *fault = "is no URL";
	if (!code)
		code = curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0);
	if (code == CURLUE_BAD_SCHEME || code == CURLUE_UNSUPPORTED_SCHEME ||
	    code == CURLUE_NO_SCHEME ||
	    (scheme && strcmp(scheme, "http") && strcmp(scheme, "https"))) {
		fault = "does not begin with http:// or https://";
		code = CURLUE_UNSUPPORTED_SCHEME;
	}
	curl_free(scheme);
	if (!code)
		code = curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
	if (!code)
		code = complete(parsed, form, path);
	if (!code)
		code = whole_url(parsed, url);
	if (!code)
		code = strip_secrets(parsed);
	if (!code)
		code = whole_url(parsed, name);
	curl_url_cleanup(parsed);
	if (!code)
		return 0;
	free(*url);
	free(*name);
	*url = NULL;
	*name = NULL;
	if (code == CURLUE_OUT_OF_MEMORY)
		return -ENOMEM;
	return refuse(text, fault, why, why_bytes);
}
