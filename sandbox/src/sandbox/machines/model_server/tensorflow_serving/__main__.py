"""Load the models, then serve them on a bound socket until standard input closes."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading

from sandbox.machines.model_server.tensorflow_serving.without_api import leave_out_api


def main() -> None:
    arguments = argparse.ArgumentParser(prog="sandbox.machines.model_server.tensorflow_serving", description=__doc__)
    arguments.add_argument("--socket", type=int, required=True, help="file descriptor of a bound socket")
    arguments.add_argument("--intra-op-threads", type=int, default=0)
    arguments.add_argument("--inter-op-threads", type=int, default=0)
    arguments.add_argument("models", nargs="+", metavar="NAME=FOLDER")
    options = arguments.parse_args()
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    leave_out_api()
    from sandbox.machines.model_server.tensorflow_serving.server import serve  # a second, in which the parent may end

    serve(options.models, socket.socket(fileno=options.socket), options.intra_op_threads, options.inter_op_threads)


def _end_with_parent() -> None:
    """End when standard input closes, since the parent holds its other end until it ends."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
