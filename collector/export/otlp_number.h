/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Numbers in variables of OpenTelemetry.
 */
#ifndef LOGTAP_EXPORT_OTLP_NUMBER_H
#define LOGTAP_EXPORT_OTLP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The default of OTEL_BLRP_EXPORT_TIMEOUT. */
#define LOGTAP_OTLP_EXPORT_MS 30000

/**
 * logtap_otlp_number_parse() - read a whole number
 * @text:  blanks around the number are allowed
 * @least: no less than this, and no more than INT32_MAX
 *
 * Return: false if it is none; @out is unchanged then.
 */
bool logtap_otlp_number_parse(const char *text, uint32_t least, uint32_t *out);

/**
 * logtap_otlp_number_limit() - what a timeout means
 *
 * Return: @ms, or for 0, which is no limit, the longest time there is.
 */
uint32_t logtap_otlp_number_limit(uint32_t ms);

#endif
