/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the sidecar says is in a file of its session; what a person must know of
 * it is said on standard error.
 */
#ifndef LOGTAP_RUN_SIDECAR_LOG_H
#define LOGTAP_RUN_SIDECAR_LOG_H

/**
 * logtap_sidecar_log_warn() - say what it could not use of its environment
 *
 * For a sidecar that has got ready and not begun to deliver.
 */
void logtap_sidecar_log_warn(const char *directory);

/**
 * logtap_sidecar_log_show() - its last words
 */
void logtap_sidecar_log_show(const char *directory);

#endif
