/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A sidecar that died is replaced by another one, which goes on where it was:
 * rings and journal outlive it.  Main thread. */
#include "supervisor.h"

enum {
	FAILURES_MAX = 6, /* in a row */
	SOON_MS = 5000,	  /* one that lived longer was not a failure */
	FIRST_DELAY_MS = 20,
};

/* Return: true when it has closed its socket. */
static bool has_gone(struct logtap_supervisor *supervisor)
{
	json_t *message = NULL;
	int result;
	/* Whether the next one got ready shows in its being there. */
	while (!(result = logtap_sidecar_read(&supervisor->sidecar, &message)))
		json_decref(message);
	return result == LOGTAP_SIDECAR_END;
}

/* It holds locks until it is gone.  Return: false when there were too many
 * failures already. */
static bool bury(struct logtap_supervisor *supervisor)
{
	logtap_sidecar_close(&supervisor->sidecar);
	if (!logtap_sidecar_reap(&supervisor->sidecar, false)) {
		kill(supervisor->sidecar.pid, SIGKILL);
		logtap_sidecar_reap(&supervisor->sidecar, true);
	}
	if (logtap_supervisor_now_ms() - supervisor->started_ms > SOON_MS)
		supervisor->failures = 0;
	return supervisor->failures++ < FAILURES_MAX;
}

static bool start(struct logtap_supervisor *supervisor)
{
	supervisor->restart_ms = 0;
	supervisor->started_ms = logtap_supervisor_now_ms();
	supervisor->options.resume = true;
	if (logtap_sidecar_start(&supervisor->sidecar, &supervisor->options))
		return false;
	supervisor->restarts++;
	return true;
}

void logtap_restart_watch(struct logtap_supervisor *supervisor)
{
	struct logtap_sidecar *sidecar = &supervisor->sidecar;
	if (!supervisor->attended)
		return;
	if (sidecar->fd >= 0 && has_gone(supervisor)) {
		supervisor->attended = bury(supervisor);
		supervisor->restart_ms = logtap_supervisor_now_ms();
		if (supervisor->failures > 1)
			supervisor->restart_ms += FIRST_DELAY_MS
						  << supervisor->failures;
	}
	if (supervisor->attended && supervisor->restart_ms &&
	    logtap_supervisor_now_ms() >= supervisor->restart_ms &&
	    !start(supervisor))
		supervisor->attended = false;
}

int logtap_restart_wait_ms(const struct logtap_supervisor *supervisor)
{
	if (!supervisor->attended || !supervisor->restart_ms)
		return -1;
	long long left = supervisor->restart_ms - logtap_supervisor_now_ms();
	return left > 0 ? (int)left : 0;
}

bool logtap_restart_now(struct logtap_supervisor *supervisor)
{
	if (!supervisor->attended)
		return false;
	if (supervisor->sidecar.fd >= 0)
		supervisor->attended = bury(supervisor);
	return supervisor->attended && start(supervisor);
}
