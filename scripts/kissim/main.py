"""Entry point of kis-sim."""

import asyncio
import sys

from .options import options_of


async def _serve(options):
    from .server import Server

    await Server(options).run()


def main(arguments=None):
    """Runs the simulator; returns the exit status."""
    options = options_of(arguments)
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        print("kis-sim: %s" % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0
