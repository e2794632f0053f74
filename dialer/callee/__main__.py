"""Run the simulated recipients: `python -m dialer.callee --port 5070`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from audio_fixtures.scenarios import SCENARIOS, ScenarioError, load_catalogue
from dialer.callee.digest import Credentials
from dialer.callee.observation import CallObservation
from dialer.callee.trunk import TrunkSettings, open_trunk
from processes.lifeline import end_with

PASSWORD_VARIABLE = "MENLING_CALLEE_PASSWORD"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line, read."""
    parser = argparse.ArgumentParser(
        prog="python -m dialer.callee",
        description="Simulated recipients that answer calls over SIP and RTP (UDP).",
        epilog="Prints `ready PORT` once it listens, then one line of JSON for each call.",
    )
    parser.add_argument("--address", default="127.0.0.1", help="IPv4 address to listen on")
    parser.add_argument("--port", type=int, default=5070, help="SIP port; 0: any free one")
    parser.add_argument("--scenarios", type=Path, default=SCENARIOS, help="folder of scenarios")
    parser.add_argument("--observations", type=Path, help="write the JSON lines here instead")
    parser.add_argument("--user", default="", help=f"ask for it; password in {PASSWORD_VARIABLE}")
    parser.add_argument("--parent", type=int, help="end when the process with this id ends")
    return parser.parse_args(argv)


async def serve(settings: TrunkSettings, options: argparse.Namespace, sheet: TextIO) -> None:
    """Answer calls until SIGTERM or SIGINT; observations go to `sheet`, one per line."""

    def write(entry: dict[str, object]) -> None:
        sheet.write(json.dumps(entry, ensure_ascii=False) + "\n")
        sheet.flush()

    def observe(seen: CallObservation) -> None:
        write(seen.as_json())

    trunk = await open_trunk(settings, observe, options.address, options.port)
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, enough.set)
    print(f"ready {trunk.address[1]}", flush=True)
    await enough.wait()
    trunk.close()
    write({"event": "summary", "invites": dict(trunk.invites)})


def main(argv: Sequence[str] | None = None) -> int:
    """Run until told to stop; return the exit status."""
    options = arguments(argv)
    if options.parent is not None and not end_with(options.parent, signal.SIGTERM):
        return 0
    credentials = None
    if options.user:
        credentials = Credentials(options.user, os.environ.get(PASSWORD_VARIABLE, ""))
    try:
        settings = TrunkSettings(load_catalogue(options.scenarios), credentials)
        if options.observations is None:
            asyncio.run(serve(settings, options, sys.stdout))
        else:
            with options.observations.open("a", encoding="utf-8") as sheet:
                asyncio.run(serve(settings, options, sheet))
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{options.address}:{options.port}"
        print(f"the simulated recipients can't start on {where}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
