/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a request: see request.h.  The endpoint's thread. */
#include "request.h"

#include <stdio.h>
#include <string.h>

/* What is wrong with the first bad parameter, and which it is. */
struct parameters {
	struct logtap_query *query;
	const char *wrong;
	char shown[128];
};

static enum MHD_Result on_parameter(void *context, enum MHD_ValueKind kind,
				    const char *name, size_t name_bytes,
				    const char *value, size_t value_bytes)
{
	struct parameters *parameters = context;

	(void)kind;
	if (!value)
		value = "";
	if (strlen(name) != name_bytes || strlen(value) != value_bytes)
		parameters->wrong = "has a byte of value 0";
	else
		parameters->wrong =
			logtap_query_set(parameters->query, name, value);
	if (!parameters->wrong)
		return MHD_YES;
	snprintf(parameters->shown, sizeof(parameters->shown), "%s=%s", name,
		 value);
	for (char *at = parameters->shown; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	return MHD_NO;
}

bool logtap_request_query(struct MHD_Connection *connection, const char *path,
			  struct logtap_query *query,
			  struct logtap_reply *reply)
{
	struct parameters parameters = {.query = query};

	MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND,
				    on_parameter, &parameters);
	if (parameters.wrong)
		logtap_reply_text(reply, MHD_HTTP_BAD_REQUEST,
				  "logtap: %s: %s: %s", path, parameters.shown,
				  parameters.wrong);
	return !parameters.wrong;
}
