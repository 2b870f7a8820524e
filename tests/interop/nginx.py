# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""nginx between logtap and the sink: what proxies answer when they limit, when
nothing is behind them, and when they are told to."""
import os

from harness import case
from harness.otlp_push import Push, bodies
from harness.otlp_sink import OtlpSink
from harness.servers import accepts, free_port

# A file answer-X in the case's folder makes nginx give that answer.
CONFIG = """
daemon off; master_process off; {user}
pid {dir}/nginx.pid;
error_log {dir}/nginx-error.log;
events {{ worker_connections 64; }}
http {{
    access_log {dir}/access.log;
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    limit_req_zone $binary_remote_addr zone=few:1m rate=4r/s;
    limit_req_status {limit_status};
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 100k;
        location /v1/logs {{
            if (-f {dir}/answer-503) {{ return 503; }}
            if (-f {dir}/answer-nothing) {{ return 444; }}
            if (-f {dir}/answer-redirect) {{ return 308 /elsewhere; }}
            if (-f {dir}/answer-garbage) {{ return 200 "}}<?garbage\\x01"; }}
            proxy_http_version 1.1;
            proxy_read_timeout 1s;
            proxy_pass http://127.0.0.1:{sink};
        }}
        location /limited/v1/logs {{
            limit_req zone=few;
            rewrite ^ /v1/logs break;
            proxy_pass http://127.0.0.1:{sink};
        }}
        error_page 503 @busy;
        location @busy {{ add_header Retry-After "{retry_after}" always;
                          return 503 "busy"; }}
    }}
}}
"""


class Nginx:
    def __init__(self, t, sink_port, retry_after="2", limit_status=429):
        self.t = t
        program, env = t.daemon("usr/sbin/nginx")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = t.write(f"nginx-{self.port}.conf", CONFIG.format(
            dir=t.dir, port=self.port, sink=sink_port, retry_after=retry_after,
            limit_status=limit_status,
            user="user root;" if os.getuid() == 0 else ""))
        self.process = t.spawn(
            [program, "-e", "stderr", "-p", t.dir, "-c", config], "nginx",
            env=env)
        t.wait_for(lambda: self.process.poll() is not None or accepts(self.port),
                   "nginx to listen")
        t.check(self.process.poll() is None, "nginx did not start")

    def answer(self, name):
        """Give that answer until answer(None)."""
        for file in self.t.dir.glob("answer-*"):
            file.unlink()
        if name:
            self.t.write(f"answer-{name}", "")

    def end(self):
        self.process.terminate()
        self.process.wait(20)


@case()
def nothing_behind_it(t):
    """502 while the receiver is away; everything arrives once it is back."""
    port = free_port()
    nginx = Nginx(t, port)
    push = Push(t, nginx.url)
    push.push(1000)
    t.wait_for(lambda: push.counts()[0]["retries"] >= 2, "two attempts")
    with OtlpSink(port=port) as sink:
        t.equal(push.settle()["delivered"], 1000, "delivered")
        push.end()
        nginx.end()
        t.equal(sink.bodies(), bodies(0, 1000), "received")
    t.check("HTTP status 502" in push.log(), push.log())


@case()
def a_receiver_that_is_too_slow(t):
    """504 when the receiver does not answer nginx in time."""
    with OtlpSink("hang") as sink:
        nginx = Nginx(t, sink.port)
        push = Push(t, nginx.url)
        push.push(100)
        t.equal(push.settle()["delivered"], 100, "delivered")
        push.end()
        nginx.end()
        t.equal(sink.bodies(), bodies(0, 100), "received")
    t.check("HTTP status 504" in push.log(), push.log())


@case()
def out_of_service(t):
    """503 with Retry-After is waited for; then all goes through."""
    with OtlpSink() as sink:
        nginx = Nginx(t, sink.port, retry_after="2")
        nginx.answer("503")
        push = Push(t, nginx.url)
        push.push(100)
        t.wait_for(lambda: push.counts()[0]["retries"] == 1, "an attempt")
        nginx.answer(None)
        t.equal(push.settle()["delivered"], 100, "delivered")
        counts, = push.end()
        t.equal(counts["retries"], 1, "retries: Retry-After was not kept")
        nginx.end()
        t.equal(sink.bodies(), bodies(0, 100), "received")
    t.check("HTTP status 503: busy" in push.log(), push.log())


@case()
def a_limit_on_requests(t):
    """429 from limit_req slows us down and loses nothing."""
    with OtlpSink() as sink:
        nginx = Nginx(t, sink.port)
        push = Push(t, nginx.url + "/limited/v1/logs",
                    env={"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "10"})
        push.push(60)
        counts = push.settle()
        push.end()
        nginx.end()
        t.equal(counts["delivered"], 60, "delivered")
        t.check(counts["retries"] >= 1, "the limit was never met")
        t.equal(sink.bodies(), bodies(0, 60), "received")
    t.check("HTTP status 429" in push.log(), push.log())


@case()
def nothing_and_redirects_and_garbage(t):
    """444 is tried again; a redirect and a body that is too large are final;
    a 200 is success, whatever is in it."""
    with OtlpSink() as sink:
        nginx = Nginx(t, sink.port)
        push = Push(t, nginx.url,
                    env={"OTEL_BLRP_MAX_QUEUE_SIZE": "100000",
                         "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "10000"})
        nginx.answer("nothing")
        push.push(10)
        t.wait_for(lambda: push.counts()[0]["retries"] >= 2, "two attempts")
        nginx.answer(None)
        t.equal(push.settle()["delivered"], 10, "delivered after nothing")
        t.equal(sink.bodies(), bodies(0, 10), "received after nothing")

        nginx.answer("redirect")
        push.push(10)
        counts = push.settle()
        t.equal(counts["refused"], 10, "refused by a redirect")
        t.check("HTTP status 308" in counts["error"], counts["error"])

        nginx.answer("garbage")
        push.push(10)
        t.equal(push.settle()["delivered"], 20, "delivered with garbage")

        nginx.answer(None)
        push.push(10000)
        counts = push.settle()
        t.equal(counts["refused"], 10010, "refused as too large")
        t.check("HTTP status 413" in counts["error"], counts["error"])
        push.push(10)
        t.equal(push.settle()["delivered"], 30, "delivered at the end")
        push.end()
        nginx.end()
        t.equal(len(sink.bodies()), 20, "received")
