/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The admin endpoint's server: see admin.h.  Answers in one thread of
 * libmicrohttpd's that waits for all clients at a time; a client that is slow
 * holds a connection and its own reply, and both are bounded.
 */
#include "../base/clock.h"
#include "../base/error.h"
#include "../base/log.h"
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 2048,
	CONNECTIONS_MIN = 16,
	IDLE_SECONDS = 10,
	REQUEST_BYTES = 16 << 10, /* its line and headers */
	TOKEN_BYTES = 512,
};

/* Replies that wait for their clients may take so much together. */
#define REPLIES_BYTES ((size_t)64 << 20)

static const struct page {
	const char *path;
	logtap_page_fn *function;
} pages[] = {
	{"/", logtap_page_index},
	{"/page.css", logtap_page_style},
	{"/page.js", logtap_page_script},
	{"/logs", logtap_page_logs},
	{"/logs/stream", logtap_page_stream},
	{"/metrics", logtap_page_metrics},
	{"/status", logtap_page_status},
	{"/livez", logtap_page_livez},
	{"/readyz", logtap_page_readyz},
	{"/loops", logtap_page_loops},
};

/* What can be changed, with POST. */
static const struct page actions[] = {{"/loops", logtap_action_loops}};

static logtap_page_fn *find_page(const char *path, bool post)
{
	const struct page *table = post ? actions : pages;
	size_t count = post ? sizeof(actions) / sizeof(actions[0])
			    : sizeof(pages) / sizeof(pages[0]);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(path, table[i].path))
			return table[i].function;
	return NULL;
}

/* The body of a reply on its way. */
struct outgoing {
	struct logtap_admin *admin;
	struct logtap_bytes body;
};

static void free_outgoing(void *context)
{
	struct outgoing *outgoing = context;

	atomic_fetch_sub(&outgoing->admin->reply_bytes,
			 outgoing->body.capacity);
	logtap_bytes_deinit(&outgoing->body);
	free(outgoing);
}

static struct MHD_Response *make_response(struct logtap_admin *admin,
					  struct logtap_reply *reply)
{
	if (reply->stream)
		return reply->stream;
	struct outgoing *outgoing = malloc(sizeof(*outgoing));
	if (!outgoing) {
		logtap_bytes_deinit(&reply->body);
		return NULL;
	}
	*outgoing = (struct outgoing){admin, reply->body};
	atomic_fetch_add(&admin->reply_bytes, outgoing->body.capacity);
	struct MHD_Response *response =
		MHD_create_response_from_buffer_with_free_callback_cls(
			outgoing->body.size, outgoing->body.data, free_outgoing,
			outgoing);
	if (!response)
		free_outgoing(outgoing);
	return response;
}

static enum MHD_Result send_reply(struct logtap_admin *admin,
				  struct MHD_Connection *connection,
				  struct logtap_reply *reply)
{
	struct MHD_Response *response = make_response(admin, reply);

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				reply->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				"no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Content-Security-Policy",
				"default-src 'none'; script-src 'self'; "
				"style-src 'self'; connect-src 'self'; "
				"base-uri 'none'; form-action 'none'; "
				"frame-ancestors 'none'");
	for (size_t i = 0; i < reply->header_count; i++)
		MHD_add_response_header(response, reply->headers[i].name,
					reply->headers[i].value);
	enum MHD_Result result =
		MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static void answer(struct logtap_admin *admin,
		   struct MHD_Connection *connection, const char *path,
		   const char *method, struct logtap_reply *reply)
{
	bool post = !strcmp(method, "POST");
	logtap_page_fn *page = find_page(path, post);

	if (post ? !page
		 : strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		logtap_reply_header(reply, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
		logtap_reply_text(reply, MHD_HTTP_METHOD_NOT_ALLOWED,
				  "logtap: method: nothing can be changed "
				  "here; use GET");
	} else if (!logtap_admin_allows(admin, connection, path, reply)) {
		return;
	} else if (!page) {
		logtap_reply_text(reply, MHD_HTTP_NOT_FOUND,
				  "logtap: no such page; / lists them");
	} else if (atomic_load(&admin->reply_bytes) > REPLIES_BYTES) {
		logtap_reply_header(reply, MHD_HTTP_HEADER_RETRY_AFTER, "1");
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: too many replies wait for clients "
				  "that do not take them; try again");
	} else {
		page(admin, connection, reply);
	}
}

static enum MHD_Result on_request(void *context,
				  struct MHD_Connection *connection,
				  const char *path, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_bytes, void **seen)
{
	struct logtap_admin *admin = context;
	struct logtap_reply reply = {.status = MHD_HTTP_OK};
	static char once;

	(void)version;
	(void)upload;
	/* Twice for a request: when its headers have come, and when all has. */
	if (!*seen && (!strcmp(method, "GET") || !strcmp(method, "POST"))) {
		*seen = &once;
		return MHD_YES;
	}
	if (*upload_bytes) {
		*upload_bytes = 0;
		return MHD_YES;
	}
	answer(admin, connection, path, method, &reply);
	return send_reply(admin, connection, &reply);
}

static int read_token(struct logtap_admin *admin, const char *path)
{
	char text[TOKEN_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ssize_t bytes = read(fd, text, TOKEN_BYTES);
	int error = bytes < 0 ? -errno : 0;
	close(fd);
	if (error)
		return error;
	text[bytes] = 0;
	text[strcspn(text, "\r\n")] = 0;
	if (!*text)
		return -EINVAL;
	admin->token = strdup(text);
	return admin->token ? 0 : -ENOMEM;
}

/* The collector needs descriptors for more important things. */
static unsigned connection_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) ||
	    files.rlim_cur >= 4 * CONNECTIONS_MAX)
		return CONNECTIONS_MAX;
	return files.rlim_cur / 4 < CONNECTIONS_MIN
		       ? CONNECTIONS_MIN
		       : (unsigned)files.rlim_cur / 4;
}

static int start_daemon(struct logtap_admin *admin)
{
	sigset_t all, old;
	int fd = logtap_address_listen(&admin->address);

	if (fd < 0)
		return fd;
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	admin->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0,
		NULL, NULL, on_request, admin, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES,
		MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (admin->daemon)
		return 0;
	close(fd);
	return -EIO;
}

static int refuse(struct logtap_admin *admin, int result, char *error,
		  size_t error_bytes, const char *where, const char *why,
		  const char *next)
{
	logtap_error_format(error, error_bytes, "collect", where, why, next);
	logtap_admin_free(admin);
	return result;
}

int logtap_admin_start(const struct logtap_admin_options *options,
		       struct logtap_admin **out, char *error,
		       size_t error_bytes)
{
	struct logtap_admin *admin = calloc(1, sizeof(*admin));
	struct timespec now;
	const char *wrong;
	int result;

	if (!admin) {
		snprintf(error, error_bytes, "collect: out of memory");
		return -ENOMEM;
	}
	pthread_mutex_init(&admin->lock, NULL);
	admin->options = *options;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(admin->instance, sizeof(admin->instance), "%lld.%09ld-%d",
		 (long long)now.tv_sec, now.tv_nsec, (int)getpid());
	logtap_admin_beat(admin);
	wrong = logtap_address_parse(options->listen, &admin->address);
	if (wrong)
		return refuse(admin, -EINVAL, error, error_bytes,
			      options->listen, wrong,
			      "--admin [ADDRESS:]PORT or unix:PATH");
	if (options->token_file) {
		result = read_token(admin, options->token_file);
		if (result)
			return refuse(admin, result, error, error_bytes,
				      options->token_file,
				      result == -EINVAL
					      ? "its first line is empty"
					      : strerror(-result),
				      "name another --admin-token");
	}
	if (!admin->address.loopback && !admin->token)
		return refuse(admin, -EACCES, error, error_bytes,
			      options->listen,
			      "other machines could read all logs there",
			      "name a file with a token: --admin-token FILE");
	/* others are to get through beside those that follow */
	admin->followers = logtap_followers_new(admin, connection_limit() / 2);
	result = admin->followers ? start_daemon(admin) : -ENOMEM;
	if (result)
		return refuse(admin, result, error, error_bytes,
			      options->listen, strerror(-result),
			      "name another --admin");
	logtap_log(LOGTAP_LOG_INFO, "admin", "listens address=%s",
		   admin->address.text);
	*out = admin;
	return 0;
}

void logtap_admin_free(struct logtap_admin *admin)
{
	if (!admin)
		return;
	logtap_followers_end(admin->followers);
	if (admin->daemon) {
		MHD_stop_daemon(admin->daemon);
		if (admin->address.name.any.sa_family == AF_UNIX)
			unlink(admin->address.name.local.sun_path);
	}
	logtap_followers_free(admin->followers);
	pthread_mutex_destroy(&admin->lock);
	free(admin->token);
	free(admin->status);
	free(admin);
}

const char *logtap_admin_address(const struct logtap_admin *admin)
{
	return admin->address.text;
}
