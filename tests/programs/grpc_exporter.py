# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""An application whose log records are exported by a thread of its own with
gRPC, and which logs each of its exports; and a receiver of them.

    grpc_exporter.py receive FOLDER
    grpc_exporter.py export PORT FOLDER

The receiver writes its port into FOLDER/port.  The application says something
whenever FOLDER/say is there.  Both go on until FOLDER/end is.
"""
import concurrent.futures
import logging
import pathlib
import queue
import sys
import threading
import time

import grpc

METHOD = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
PERIOD = 0.15
folder = pathlib.Path(sys.argv[-1])


def field(number, data):
    """Of protobuf, with a length."""
    size, varint = len(data), b""
    while size > 127:
        varint += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + varint + bytes([size]) + data


def encode(bodies):
    records = b"".join(field(2, field(5, field(1, body.encode())))
                       for body in bodies)
    return field(1, field(2, records))


class Receiver(grpc.GenericRpcHandler):
    def service(self, call):
        if call.method == METHOD:
            return grpc.unary_unary_rpc_method_handler(lambda *_: b"")
        return None


def receive():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2),
                         handlers=[Receiver()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    (folder / "port.new").write_text(str(port))
    (folder / "port.new").rename(folder / "port")
    while not (folder / "end").exists():
        time.sleep(0.05)
    server.stop(None)


class Queue(logging.Handler):
    waiting = queue.Queue()

    def emit(self, record):
        self.waiting.put(self.format(record))


def export(port):
    call = grpc.insecure_channel(f"127.0.0.1:{port}").unary_unary(METHOD)
    log = logging.getLogger("exporter")
    while not (folder / "end").exists():
        time.sleep(PERIOD)
        batch = []
        while not Queue.waiting.empty():
            batch.append(Queue.waiting.get())
        if batch:
            call(encode(batch))
            log.debug("the receiver has taken a batch of the length %d",
                      len(batch))


def main():
    logging.basicConfig(level=logging.DEBUG,
                        handlers=[logging.StreamHandler(), Queue()],
                        format="%(levelname)s:%(name)s:%(message)s")
    thread = threading.Thread(target=export, args=(sys.argv[2],))
    thread.start()
    logging.info("application begins")
    number = 0
    while not (folder / "end").exists():
        if (folder / "say").exists():
            number += 1
            logging.info("application says %d", number)
        time.sleep(0.02)
    thread.join()


receive() if sys.argv[1] == "receive" else main()
