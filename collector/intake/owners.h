/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How many segments of each user are open: in a directory for all, one user must
 * not have all the descriptors of a collector that reads for others, too.
 *
 * The reader's thread.
 */
#ifndef LOGTAP_INTAKE_OWNERS_H
#define LOGTAP_INTAKE_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Zeroed it is empty. */
struct logtap_owners {
	struct logtap_owner {
		uid_t user;
		size_t open;
	} * items;
	size_t count;
	size_t room;
	size_t share; /* of each; 0: any number */
	bool told;    /* that one has all of it */
};

/* Half of the descriptors that this process may have. */
void logtap_owners_init(struct logtap_owners *owners);
/* May @user have one more?  Then it is counted.  Not counted are root and this
 * process's own user, who could end it anyhow.
 * Return: 0, -EDQUOT, or -ENOMEM. */
int logtap_owners_take(struct logtap_owners *owners, uid_t user);
void logtap_owners_give_back(struct logtap_owners *owners, uid_t user);
void logtap_owners_deinit(struct logtap_owners *owners);

#endif
