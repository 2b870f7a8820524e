/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A detector, fed through its taps with what hosts and the clock tell: one process
 * of three threads, and an exporter in it.
 */
#ifndef LOGTAP_TESTS_LOOPS_SCENE_H
#define LOGTAP_TESTS_LOOPS_SCENE_H

#include "../../../collector/loops/loops.h"
#include "../../../collector/loops/stack/evidence.h"

#include <jansson.h>

#define MS UINT64_C(1000000)
#define START UINT64_C(1795340923000000000)
#define HEAD                                                 \
	"POST /v1/logs HTTP/1.1\r\nHost: localhost:4318\r\n" \
	"Content-Type: application/json\r\n\r\n"
#define DEBUG_LINE                                                            \
	"DEBUG:urllib3.connectionpool:http://localhost:4318 \"POST /v1/logs " \
	"HTTP/1.1\" 200 2 after some time"
#define DEBUG_BODY \
	"{\"body\":\"\\\"POST /v1/logs HTTP/1.1\\\" 200 2 after some time\"}"

extern struct logtap_loops *loops;
extern struct logtap_tap tap;
extern struct logtap_process process;
/* thread 0 is the process's first */
extern struct logtap_thread threads[3];
extern struct logtap_source *sources[3];
extern uint64_t now_ns;
/* Each thread has a connection of its own (0), or all have this one. */
extern int shared_fd;

void scene_begin(void);
void scene_end(void);

/* What a thread does, now. */
enum logtap_tap_verdict say(unsigned thread, const char *text);
void tell(unsigned thread, struct logtap_evidence evidence, const char *head);
void send_bytes(unsigned thread, const char *head);
void post(unsigned thread, const char *body);
void connect_to(unsigned thread, int result);
/* Time passes. */
void pass(uint64_t ms);
/* Thread 1 exports, and logs that it did, so often. */
void exporter_loops(unsigned rounds, uint64_t pause_ms);

/* The only loop, of that class; NULL: there is none. */
json_t *the_loop(const char *class);
void assert_confidence(const char *class, const char *confidence);
double number(const char *class, const char *key);

#endif
