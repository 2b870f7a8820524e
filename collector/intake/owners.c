/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Segments of each user: see the header. */
#include "owners.h"

#include "../base/grow.h"
#include "../base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

void logtap_owners_init(struct logtap_owners *owners)
{
	struct rlimit limit;

	owners->share = getrlimit(RLIMIT_NOFILE, &limit) ||
					limit.rlim_cur == RLIM_INFINITY
				? 0
				: (size_t)limit.rlim_cur / 2;
}

static bool is_counted(uid_t user)
{
	return user && user != geteuid();
}

/* Few users have processes at a time. */
static struct logtap_owner *find(const struct logtap_owners *owners, uid_t user)
{
	for (size_t i = 0; i < owners->count; i++)
		if (owners->items[i].user == user)
			return &owners->items[i];
	return NULL;
}

static int tell(struct logtap_owners *owners, uid_t user)
{
	if (logtap_log_is_news(&owners->told, true))
		logtap_log(LOGTAP_LOG_WARN, "discover",
			   "user %u has as many segments as one may have, half "
			   "of the open files: more of that user are read when "
			   "others end open=%zu",
			   (unsigned)user, owners->share);
	return -EDQUOT;
}

int logtap_owners_take(struct logtap_owners *owners, uid_t user)
{
	if (!is_counted(user))
		return 0;
	struct logtap_owner *owner = find(owners, user);
	if (owner && owners->share && owner->open >= owners->share)
		return tell(owners, user);
	if (!owner) {
		void *grown = logtap_grown(owners->items, owners->count,
					   &owners->room, sizeof(*owner), 8);
		if (!grown)
			return -ENOMEM;
		owners->items = grown;
		owner = &owners->items[owners->count++];
		*owner = (struct logtap_owner){.user = user};
	}
	owner->open++;
	return 0;
}

void logtap_owners_give_back(struct logtap_owners *owners, uid_t user)
{
	struct logtap_owner *owner =
		is_counted(user) ? find(owners, user) : NULL;

	if (!owner)
		return;
	/* not each time that one of thousands ends */
	if (owner->open-- < owners->share / 2)
		owners->told = false;
	if (!owner->open)
		*owner = owners->items[--owners->count];
}

void logtap_owners_deinit(struct logtap_owners *owners)
{
	free(owners->items);
	*owners = (struct logtap_owners){0};
}
