"""A server that speaks as much of Redis's protocol as a cache needs."""

from __future__ import annotations

import fnmatch
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while line := self.rfile.readline():
            words = []
            for _ in range(int(line[1:])):
                size = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(size).decode())
                self.rfile.read(2)
            self.wfile.write(self._answer(words[0].upper(), words[1:]))

    def _answer(self, command: str, words: list[str]) -> bytes:
        kept = self.server.kept  # type: ignore[attr-defined]
        if command == "SET":
            kept[words[0]] = words[1:]
        elif command == "GET":
            return _bulk(kept[words[0]][0]) if words[0] in kept else b"$-1\r\n"
        elif command == "DEL":
            return b":%d\r\n" % sum(kept.pop(word, None) is not None for word in words)
        elif command == "SCAN":
            found = fnmatch.filter(kept, words[words.index("MATCH") + 1])
            return b"*2\r\n" + _bulk("0") + b"*%d\r\n" % len(found) + b"".join(map(_bulk, found))
        elif command == "HELLO":
            return b"*2\r\n" + _bulk("proto") + b":2\r\n" if words[:1] == ["2"] else b"%1\r\n" + _bulk("proto") + b":3\r\n"
        return b"+OK\r\n"


def _bulk(text: str) -> bytes:
    raw = text.encode()
    return b"$%d\r\n%s\r\n" % (len(raw), raw)


@contextmanager
def redis_server() -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the address of a running server and what it keeps: for each key its value and the words after it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        kept: dict[str, list[str]] = {}
        server.kept = kept  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0", kept
        server.shutdown()
