"""Starts the site again and again, quickly: the application is imported once, every server is a fork that serves it with granian.

Run by test_kill as a process of its own. Each line on stdin starts one server in a process group of its own and is answered
by its id; the end of stdin ends this process, not the servers.
"""

import gc
import os
import signal
import sys

from granian import Granian
from granian.constants import Interfaces

from app import create_app


def serve(port: int) -> None:
    Granian(
        "app:create_app", address="127.0.0.1", port=port, interface=Interfaces.WSGI, factory=True, workers=1, blocking_threads=4
    ).serve()


def main(port: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed ones leave nothing behind
    create_app()  # which imports everything; it opens no connection
    gc.collect()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            os.dup2(2, 1)  # what it says goes to the log
            serve(port)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
