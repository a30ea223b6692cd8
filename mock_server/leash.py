"""`serve` on a leash, for a parent process: it ends when its standard input does, so however the parent has gone."""

import os
import signal
import threading

from mock_server.commands import serve_command


def main() -> None:
    """Serve as the flags say."""
    leash = threading.Thread(target=_end_with_input, name="leash", daemon=True)

    def hold() -> None:
        if leash.ident is None:
            leash.start()

    os.register_at_fork(after_in_parent=hold)  # not before: forking is safe only while there is one thread
    serve_command().main(prog_name="eachlabs-mock serve")


def _end_with_input() -> None:
    os.read(0, 1)  # nothing is ever written: this returns when nobody holds the other end
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
