"""A server that sends a recording over HTTP as a camera does: slowly, without an end in sight."""

import contextlib
import socket
import threading
import time


class Server:
    """Listens on this machine, and serves each connection in a thread by `_serve`."""

    def __init__(self, port):
        self.connections = 0
        self._gone = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Go away: connections break off, and new ones are refused."""
        self._gone.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _listen(self):
        while not self._gone.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(peer,), daemon=True))
            self._threads[-1].start()


class StreamServer(Server):
    """Sends `data` to everybody who asks, in `seconds`, and then hangs up."""

    def __init__(self, data, *, seconds=1.0, header="", port=0):
        self.data, self.seconds, self.header = data, seconds, header
        self.requests = []
        self.silent = threading.Event()
        super().__init__(port)
        self.url = f"http://127.0.0.1:{self.port}/gate.ts"

    def _serve(self, peer):
        with peer, contextlib.suppress(OSError):
            self.requests.append(peer.recv(4096))
            peer.sendall(
                f"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n{self.header}\r\n".encode()
            )
            step = 188 * 4
            begin = time.monotonic()
            for at in range(0, len(self.data), step):
                due = begin + self.seconds * at / len(self.data)
                if self._gone.wait(max(0.0, due - time.monotonic())):
                    return
                peer.sendall(self.data[at : at + step])
                while self.silent.is_set() and not self._gone.wait(0.01):
                    pass
