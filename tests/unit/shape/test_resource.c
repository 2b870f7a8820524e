/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Resources, read back from their JSON. */
#include "../../../collector/shape/resource.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sample {
	struct logtap_process *process;
	struct logtap_resource *resource;
	json_t *json;
};

static void sample_init(struct sample *c)
{
	c->process = calloc(1, sizeof(*c->process));
	c->process->pid = 321;
	c->process->parent_pid = 123;
	c->process->uid = getuid();
	strcpy(c->process->executable, "/opt/bin/app");
	strcpy(c->process->comm, "comm");
}

static void put_environment(struct sample *c, const char *const *list)
{
	char *at = c->process->environment;

	for (; *list; list++)
		at = stpcpy(at, *list) + 1;
}

static void make(struct sample *c)
{
	struct logtap_host host;
	json_error_t error;

	logtap_host_init(&host);
	c->resource = logtap_resource_new(c->process, &host);
	cr_assert_not_null(c->resource);
	c->json = json_loadb(c->resource->json, c->resource->json_bytes, 0,
			     &error);
	cr_assert_not_null(c->json, "%s", error.text);
}

static void sample_deinit(struct sample *c)
{
	json_decref(c->json);
	logtap_resource_unref(c->resource);
	free(c->process);
}

/* The value object of the attribute, which must not be there twice. */
static json_t *value_of(const struct sample *c, const char *key)
{
	json_t *list = json_object_get(c->json, "attributes");
	json_t *found = NULL, *pair;
	size_t index;

	json_array_foreach(list, index, pair)
	{
		json_t *name = json_object_get(pair, "key");
		if (strcmp(json_string_value(name), key))
			continue;
		cr_assert_null(found, "%s is there twice", key);
		found = json_object_get(pair, "value");
	}
	return found;
}

/* NULL: absent. */
static const char *text_of(const struct sample *c, const char *key)
{
	return json_string_value(
		json_object_get(value_of(c, key), "stringValue"));
}

Test(resource, says_what_the_process_is)
{
	struct sample c;
	struct passwd *user = getpwuid(getuid());
	char name[256];

	sample_init(&c);
	c.process->start_time_ns = UINT64_C(1767225600123456789);
	strcpy(c.process->cgroup, "0::/user.slice/app.scope");
	make(&c);
	gethostname(name, sizeof(name));
	cr_assert_str_eq(text_of(&c, "service.name"), "unknown_service:app");
	cr_assert_str_eq(c.resource->service, "unknown_service:app");
	cr_assert_eq(c.resource->pid, 321);
	cr_assert_str_eq(json_string_value(json_object_get(
				 value_of(&c, "process.pid"), "intValue")),
			 "321");
	cr_assert_str_eq(
		json_string_value(json_object_get(
			value_of(&c, "process.parent_pid"), "intValue")),
		"123");
	cr_assert_str_eq(text_of(&c, "process.executable.name"), "app");
	cr_assert_str_eq(text_of(&c, "process.executable.path"),
			 "/opt/bin/app");
	if (user)
		cr_assert_str_eq(text_of(&c, "process.owner"), user->pw_name);
	cr_assert_str_eq(text_of(&c, "process.creation.time"),
			 "2026-01-01T00:00:00.123Z");
	cr_assert_str_eq(text_of(&c, "process.linux.cgroup"),
			 "0::/user.slice/app.scope");
	cr_assert_null(text_of(&c, "container.id"));
	cr_assert_str_eq(text_of(&c, "host.name"), name);
	cr_assert_str_eq(text_of(&c, "os.type"), "linux");
	cr_assert_str_eq(text_of(&c, "telemetry.distro.name"), "logtap");
	cr_assert_str_eq(text_of(&c, "telemetry.distro.version"),
			 LOGTAP_VERSION);
	cr_assert_null(value_of(&c, "service.instance.id"));
	cr_assert_null(value_of(&c, "process.command_args"));
	sample_deinit(&c);
}

Test(resource, the_service_is_named_by_the_variable_made_for_it)
{
	static const char *const both[] = {
		"OTEL_RESOURCE_ATTRIBUTES=service.name=second,x=1",
		"OTEL_SERVICE_NAME=first", NULL};
	static const char *const one[] = {
		"OTEL_SERVICE_NAME=",
		"OTEL_RESOURCE_ATTRIBUTES=service.name=second", NULL};
	struct sample c;

	sample_init(&c);
	put_environment(&c, both);
	make(&c);
	cr_assert_str_eq(text_of(&c, "service.name"), "first");
	cr_assert_str_eq(c.resource->service, "first");
	cr_assert_str_eq(text_of(&c, "x"), "1");
	sample_deinit(&c);

	sample_init(&c);
	put_environment(&c, one);
	make(&c);
	cr_assert_str_eq(text_of(&c, "service.name"), "second");
	sample_deinit(&c);
}

Test(resource, without_an_executable_the_short_name_serves)
{
	struct sample c;

	sample_init(&c);
	c.process->executable[0] = '\0';
	make(&c);
	cr_assert_str_eq(text_of(&c, "service.name"), "unknown_service:comm");
	cr_assert_null(text_of(&c, "process.executable.path"));
	sample_deinit(&c);

	sample_init(&c);
	strcpy(c.process->executable, "/opt/bin/app (deleted)");
	make(&c);
	cr_assert_str_eq(text_of(&c, "process.executable.path"),
			 "/opt/bin/app");
	sample_deinit(&c);

	sample_init(&c);
	c.process->executable[0] = '\0';
	c.process->comm[0] = '\0';
	make(&c);
	cr_assert_str_eq(text_of(&c, "service.name"), "unknown_service");
	sample_deinit(&c);
}

Test(resource, the_users_attributes_win_but_for_the_process)
{
	static const char *const list[] = {
		"OTEL_RESOURCE_ATTRIBUTES= host.name = mine ,process.pid=1,"
		"a=1,a=2,,deployment.environment.name=p%72od%2C%20eu,e=",
		NULL};
	struct sample c;

	sample_init(&c);
	put_environment(&c, list);
	make(&c);
	cr_assert(!c.resource->attributes_discarded);
	cr_assert_str_eq(text_of(&c, "host.name"), "mine");
	cr_assert_str_eq(text_of(&c, "a"), "2");
	cr_assert_str_eq(text_of(&c, "e"), "");
	cr_assert_str_eq(text_of(&c, "deployment.environment.name"),
			 "prod, eu");
	cr_assert_not_null(
		json_object_get(value_of(&c, "process.pid"), "intValue"));
	sample_deinit(&c);
}

Test(resource, one_error_in_the_users_attributes_discards_them_all)
{
	static const char *const bad[] = {
		"good=1,bad",	 "good=1,=x",	    "good=1,a=%4",
		"good=1,a=%zz",	 "good=1,a=%ff",    "good=1,%00=x",
		"good=1,a=\xff", "good=1,%e2%82=x",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[128];
		const char *list[] = {text, NULL};
		struct sample c;
		snprintf(text, sizeof(text), "OTEL_RESOURCE_ATTRIBUTES=%s",
			 bad[i]);
		sample_init(&c);
		put_environment(&c, list);
		make(&c);
		cr_assert(c.resource->attributes_discarded, "%s", bad[i]);
		cr_assert_null(value_of(&c, "good"), "%s", bad[i]);
		cr_assert_str_eq(text_of(&c, "service.name"),
				 "unknown_service:app");
		sample_deinit(&c);
	}
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

Test(resource, a_container_is_recognised_in_the_cgroups_path)
{
	static const struct {
		const char *cgroup, *id;
	} examples[] = {
		{"0::/docker/" ID, ID},
		{"0::/system.slice/docker-" ID ".scope", ID},
		{"12:cpu:/kubepods/besteffort/pod1b2c/" ID, ID},
		{"0::/machine.slice/libpod-" ID ".scope/container", ID},
		{"0::/kubepods.slice/cri-containerd-" ID ".scope", ID},
		{"0::/docker/" ID "0", NULL},
		{"0::/system.slice/ssh.service", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct sample c;
		sample_init(&c);
		strcpy(c.process->cgroup, examples[i].cgroup);
		make(&c);
		const char *id = text_of(&c, "container.id");
		cr_assert(examples[i].id ? id && !strcmp(id, examples[i].id)
					 : !id,
			  "%s", examples[i].cgroup);
		sample_deinit(&c);
	}
}

Test(resource, what_a_host_wrote_is_repaired)
{
	static const char *const list[] = {"OTEL_SERVICE_NAME=caf\xe9", NULL};
	struct sample c;

	sample_init(&c);
	strcpy(c.process->executable, "/bin/\xff\"\n");
	put_environment(&c, list);
	make(&c);
	cr_assert_str_eq(text_of(&c, "process.executable.path"),
			 "/bin/\xef\xbf\xbd\"\n");
	cr_assert_str_eq(text_of(&c, "service.name"), "caf\xef\xbf\xbd");
	sample_deinit(&c);
}

Test(resource, an_environment_that_does_not_end_is_not_read_past)
{
	char *block = malloc(8);

	memcpy(block, "A=1\0B=2x", 8);
	cr_assert_str_eq(logtap_environment_get(block, 8, "A"), "1");
	cr_assert_null(logtap_environment_get(block, 8, "B"));
	cr_assert_null(logtap_environment_get(block, 8, "C"));
	free(block);
}
