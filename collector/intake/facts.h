/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Facts of a host that the collector asks the kernel for, so that a host does
 * not spend its start on them.  The reader's thread.
 */
#ifndef LOGTAP_INTAKE_FACTS_H
#define LOGTAP_INTAKE_FACTS_H

#include <logtap/abi/segment.h>

/* Fill in what the private copy of a segment's header leaves open.  The boot is
 * the running one, @boot_id: memory does not outlive it.  The cgroup is that of
 * the process, or of its parent when the process is gone already: children begin
 * in the group of their parent, but those of systemd, of which it is unknown
 * then. */
void logtap_facts_boot(struct logtap_segment *header,
		       const unsigned char boot_id[16]);
void logtap_facts_cgroup(struct logtap_segment *header);

#endif
