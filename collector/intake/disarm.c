/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The kill file: see the header. */
#include "disarm.h"

#include "../base/log.h"
#include "../base/own_file.h"
#include "intake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not a second name that somebody has given to a file of root's. */
static bool is_file(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_nlink == 1;
}

bool logtap_disarm_is_for(int directory, const char *path, uid_t user)
{
	struct stat status;
	return !fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) &&
	       is_file(&status) && (!status.st_uid || status.st_uid == user);
}

static bool is_for_all(const struct logtap_disarm_found *found)
{
	return found->what == LOGTAP_DISARM_FILE &&
	       (!found->user || found->user == geteuid());
}

bool logtap_disarm_wanted_of(const struct logtap_intake *intake, uid_t user)
{
	for (int i = 0; i < LOGTAP_DISARM_PLACES; i++) {
		const struct logtap_disarm_found *found = &intake->disarmed[i];
		if (is_for_all(found) ||
		    (found->what == LOGTAP_DISARM_FILE && found->user == user))
			return true;
	}
	return false;
}

static void tell(const struct logtap_disarm_found *found, const char *path)
{
	if (found->what == LOGTAP_DISARM_NONE)
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "the file " LOGTAP_DISARM_NAME
			   " is gone: programs that start are captured again");
	else if (found->what == LOGTAP_DISARM_TAKEN)
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "what is called " LOGTAP_DISARM_NAME
			   " is not a file with that name alone: it keeps "
			   "nothing from being captured; remove it, and make "
			   "a file path=%s user=%u",
			   path, (unsigned)found->user);
	else if (is_for_all(found))
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "the file " LOGTAP_DISARM_NAME
			   " is there: programs are told to stand down");
	else
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "the file " LOGTAP_DISARM_NAME
			   " is another user's: programs of that user are told "
			   "to stand down, and no others; to stop those, "
			   "remove it, and make one path=%s user=%u",
			   path, (unsigned)found->user);
}

/* @own: what is there is in the collector's directory.  Return: whether it is put
 * away: another user has it for no use but to be in the way. */
static bool clear(const struct logtap_intake *intake, const struct stat *status,
		  bool own)
{
	return own && status->st_uid && status->st_uid != geteuid() &&
	       !logtap_own_file_clear(intake->dir_fd, LOGTAP_DISARM_NAME);
}

void logtap_disarm_look(struct logtap_intake *intake)
{
	static const char *const paths[LOGTAP_DISARM_PLACES] = {
		LOGTAP_DISARM_NAME,
		LOGTAP_DISARM_FOLDER "/" LOGTAP_DISARM_NAME};
	struct stat status[LOGTAP_DISARM_PLACES] = {0};
	for (int i = 0; i < LOGTAP_DISARM_PLACES; i++) {
		struct logtap_disarm_found found = {LOGTAP_DISARM_NONE, 0};
		/* The two may be the same one. */
		if (!fstatat(i ? AT_FDCWD : intake->dir_fd, paths[i],
			     &status[i], AT_SYMLINK_NOFOLLOW) &&
		    (!i || status[0].st_ino != status[1].st_ino ||
		     status[0].st_dev != status[1].st_dev)) {
			found.user = status[i].st_uid;
			if (is_file(&status[i]))
				found.what = LOGTAP_DISARM_FILE;
			else if (!clear(intake, &status[i], !i))
				found.what = LOGTAP_DISARM_TAKEN;
		}
		bool news =
			found.what != intake->disarmed[i].what ||
			(found.what && found.user != intake->disarmed[i].user);
		if (news)
			tell(&found, paths[i]);
		intake->disarmed[i] = found;
	}
}
