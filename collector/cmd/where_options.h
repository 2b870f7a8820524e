/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Options of several commands that say which collector is meant: entries of a
 * table of logtap_option, for a struct @type of values.
 */
#ifndef LOGTAP_CMD_WHERE_OPTIONS_H
#define LOGTAP_CMD_WHERE_OPTIONS_H

#include "../base/options.h"

#include <stddef.h>

/* --admin, --admin-token and --dir into @client, a member of @type: struct
 * logtap_admin_client_options.  @needs: what a session was started with. */
#define LOGTAP_CLIENT_OPTIONS(type, client, needs)                         \
	{"admin",                                                          \
	 0,                                                                \
	 LOGTAP_OPTION_TEXT,                                               \
	 offsetof(type, client.address),                                   \
	 "ADDR",                                                           \
	 "where the collector's --admin is (default: what the\n"           \
	 "collector of --dir says, else 127.0.0.1:4319)"},                 \
		{"admin-token",                                            \
		 0,                                                        \
		 LOGTAP_OPTION_TEXT,                                       \
		 offsetof(type, client.token_file),                        \
		 "FILE",                                                   \
		 "the token that it asks for"},                            \
	{                                                                  \
		"dir", 0, LOGTAP_OPTION_TEXT,                              \
			offsetof(type, client.directory), "DIR",           \
			"the collector's directory (default: $LOGTAP_DIR," \
			" or the\nonly session that runs with " needs ")"  \
	}

/* --dir into @member of @type. */
#define LOGTAP_DIRECTORY_OPTION(type, member)                                \
	{                                                                    \
		"dir", 0, LOGTAP_OPTION_TEXT, offsetof(type, member), "DIR", \
			"the collector's directory (default: $LOGTAP_DIR,"   \
			" else\nthat of the only running session, "          \
			"else\n" LOGTAP_SERVICE_DIRECTORY ")"                \
	}

#endif
