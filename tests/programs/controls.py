# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What looks like feedback and is none.

    controls.py period|storm|ramp|client URL SECONDS

period: logs ten times a second, which is how often records are delivered;
storm:  connects to a database that is not there, and logs each failure;
ramp:   a service that logs its requests, of which there are ever more;
client: a debugged HTTP client of a service (at URL) that is no receiver."""
import http.client
import http.server
import logging
import socket
import sys
import threading
import time

what, url, until = sys.argv[1], sys.argv[2], time.time() + float(sys.argv[3])
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
log = logging.getLogger("app")


def period():
    due = time.time()
    while due < until:
        log.info("heartbeat: all is well")
        due += 0.1
        time.sleep(max(0, due - time.time()))


def storm():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    while time.time() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError as error:
            log.error("database at port %d: %s; retrying", port, error)
        time.sleep(0.005)


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


def ramp():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = http.client.HTTPConnection(*server.server_address)
    pause = 0.2
    while time.time() < until:
        connection.request("GET", "/v1/things")
        connection.getresponse().read()
        time.sleep(pause)
        pause = max(0.0005, pause * 0.97)


def client():
    import urllib3
    pool = urllib3.PoolManager()

    def work():
        while time.time() < until:
            pool.request("POST", url + "/api/v2/series", body=b"{}" * 20)
            time.sleep(0.05)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


{"period": period, "storm": storm, "ramp": ramp, "client": client}[what]()
