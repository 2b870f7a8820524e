/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. */
#include "report_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char loop[] =
	"{'number':1,'class':'L2','name':'cross-thread',"
	"'confidence':'confirmed','active':true,'mode':'steady',"
	"'records_per_export':1.0,'exported_records':1.0,'gain':1.0,"
	"'byte_gain':1.0,'idle_exports_per_second':2240.0,'lag_ms':1.2,"
	"'cycle':["
	"{'kind':'process','text':'python3[4121]','pid':4121},"
	"{'kind':'thread','text':'python3[4121] tid 4130 exporter'},"
	"{'kind':'stream','text':'stderr'},"
	"{'kind':'ring','text':'ring 7'},"
	"{'kind':'collector','text':'logtap collector'},"
	"{'kind':'endpoint','text':'127.0.0.1:4318',"
	"'address':'127.0.0.1:4318'}],"
	"'closes':'records caused by send on tid 4130',"
	"'proof':["
	"{'kind':'canary','text':'canary 7f3a returned in 41 ms','id':'7f3a',"
	"'latency_ms':41.0},"
	"{'kind':'intervention','text':'captures stop when the flush is held',"
	"'trials':2,'held':2}],"
	"'began_unix_ns':1795340923904851599,'found_after_ms':1204,"
	"'last_unix_ns':1795340983904851599,'records':8964,"
	"'application_records':0,'idle_since_unix_ns':1795340924904851599,"
	"'sample':{'body':'POST /v1/logs HTTP/1.1 200','severity':'DEBUG',"
	"'logger':'urllib3.connectionpool'},"
	"'stack':["
	"{'function':'urlopen','file':'/usr/lib/urllib3/connectionpool.py',"
	"'line':550,'module':''},"
	"{'function':'worker','file':'','line':0,'module':'/opt/libapp.so'},"
	"{'function':'thread_start','file':'','line':0,'module':''}],"
	"'records_per_second':2200.0,'bytes_per_second':1100000.0,"
	"'fix':'exclude logger urllib3 in the application',"
	"'break':{'step':'observe','identity':'tid 4130, stack 1a2b',"
	"'rate_per_second':0,'until_unix_ns':0,'tagged':0,'suppressed':0}}";

json_t *fixture_loop(void)
{
	char *text = strdup(loop);
	json_error_t why;

	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	json_t *parsed = json_loads(text, 0, &why);
	cr_assert_not_null(parsed, "%s", why.text);
	free(text);
	return parsed;
}

static json_t *hostile_text(void)
{
	char text[4096] = "\033]0;owned\a\033[2J\r\n\tx \xc2\x9b"
			  "31m \x7f --> \"]; } </text><script>&amp; '\\ "
			  "\xef\xbf\xbf \xe2\x82\xac ";

	memset(text + strlen(text), 'A', sizeof(text) - strlen(text) - 1);
	return json_string(text);
}

static void poison(json_t *value)
{
	const char *key;
	json_t *child;
	size_t i;
	void *next;

	json_object_foreach_safe(value, next, key, child)
	{
		if (json_is_string(child))
			json_object_set_new(value, key, hostile_text());
		else
			poison(child);
	}
	json_array_foreach(value, i, child)
	{
		poison(child);
	}
}

json_t *fixture_hostile_loop(void)
{
	json_t *hostile = fixture_loop();

	poison(hostile);
	return hostile;
}

char *fixture_report(int (*report)(const json_t *, struct logtap_bytes *),
		     json_t *from)
{
	struct logtap_bytes out = {0};

	cr_assert_eq(report(from, &out), 0);
	cr_assert_eq(logtap_bytes_append(&out, "", 1), 0);
	cr_assert_eq(strlen((char *)out.data), out.size - 1);
	json_decref(from);
	return (char *)out.data;
}
