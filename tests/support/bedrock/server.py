"""HTTP on a port of its own: requests in, answers out, connections that end in the middle."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.bedrock.errors import Dropped
from tests.support.bedrock.protocol import HttpAnswer, HttpRequest

Answering = Callable[[HttpRequest], HttpAnswer]
"""Raises Dropped where the connection shall end without an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = self.server.answering(HttpRequest(self.command, self.path, headers, self.rfile.read(length)))
        except Dropped:
            self.close_connection = True
            return
        try:
            self._send(answer)
        except OSError:  # nobody listens any more, which is the caller's affair
            self.close_connection = True

    def _send(self, answer: HttpAnswer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815 - the base class names them so

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        """Say nothing: what was asked is in the fake's calls."""


class Server(ThreadingHTTPServer):
    """Serves in threads until it is stopped, and then ends every connection."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answering: Answering, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answering = answering
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="bedrock", daemon=True)
        self._lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, end the connections and wait for what still answers."""
        self.shutdown()
        self._thread.join()
        with self._lock:
            open_ = dict(self._open)
        for connection, thread in open_.items():
            _end(connection)
            thread.join()
        self.server_close()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection's requests, in its thread."""
        with self._lock:
            self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let the connection go: its client has broken it, or the fault is in what answers, which tells of it itself."""


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # its other end was quicker
        return
