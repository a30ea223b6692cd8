"""Serves the emulator with one defect over HTTP, for whoever wants to try a test suite of their own on it."""

import json
import os
import signal
import socket
import sys
from contextlib import suppress

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from defects.catalogue import DEFECTS, Defect, defect
from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings

HOST = "127.0.0.1"
EPILOG = "\b\nDefects:\n" + "\n".join(f"{each.id}  {each.title}" for each in DEFECTS)


class _Silent(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing: what this prints is the ready line, and nothing else."""


@click.command(epilog=EPILOG)
@click.argument("identity", metavar="ID", default="")
@click.option("--port", type=click.IntRange(0, 65_535), default=8780, show_default=True, help="0 picks a free one.")
@click.option("--seed", type=int, default=7, show_default=True, help="Seed of every draw.")
def main(identity: str, port: int, seed: int) -> None:
    """Serve the emulator with the defect ID until Ctrl-C or SIGTERM.

    Exit codes: 0 ended by a signal, 2 there is no such defect, or the port is taken.
    """
    application = assemble(Settings(seed=seed, log_format="off"))
    try:
        chosen = defect(identity)
        listening = socket.create_server((HOST, port))  # werkzeug, where it binds, ends the process itself
    except (LookupError, OSError) as error:
        click.echo(f"faulty: {error.args[0] if isinstance(error, LookupError) else error}", err=True)
        raise SystemExit(2) from None
    app = chosen.plant(application)
    server = make_server(HOST, port, app, threaded=True, request_handler=_Silent, fd=listening.fileno())
    application.dispatcher.start()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    click.echo(_announcement(chosen, server.port))
    with suppress(KeyboardInterrupt):
        server.serve_forever()


def _announcement(chosen: Defect, port: int) -> str:
    url = f"http://{HOST}:{port}"
    if sys.stdout.isatty():
        return f"{chosen.id}: {chosen.title}. It is served on {url}/v1; any key will do. Ctrl-C ends it."
    facts = {"event": "ready", "url": url, "base_url": f"{url}/v1", "port": port, "pid": os.getpid()}
    return json.dumps(facts)


if __name__ == "__main__":
    main()
