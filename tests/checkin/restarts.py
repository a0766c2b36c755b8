"""Starts the site again and again, quickly: the program is read once, every server is a fork that serves as production does.

Run by test_kill as a process of its own. Each line on stdin starts one server (app.web.serving: two workers and their keeper) in a
process group of its own and is answered by its id; the end of stdin ends this process, not the servers.
"""

import gc
import os
import signal
import sys

from app.web import serving


def main(port: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed ones leave nothing behind
    serving.ready_to_fork()  # which imports everything; it leaves no connection open
    gc.collect()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            os.dup2(2, 1)  # what it says goes to the log
            serving.serve("127.0.0.1", port)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
