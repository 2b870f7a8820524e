# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What cases of servers share: ports of their own, and a client."""
import http.client
import socket


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Connection": "close"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def three_ways(t, server):
    """What a server did bare, under `logtap run`, and preloaded by hand:
    outcomes.  server.serve(start, finish) starts it, has it log, ends it."""
    bare = server.serve(t.spawn, t.finish)
    captured = server.serve(t.start_run, t.finish_run)
    collector = t.collect()
    preloaded = server.serve(
        t.spawn, t.finish, env=t.preload_env(collector.dir))
    preloaded.records = collector.end()
    return bare, captured, preloaded
