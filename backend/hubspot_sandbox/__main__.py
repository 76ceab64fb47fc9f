"""`python -m hubspot_sandbox`: run the sandbox from a shell until it is interrupted."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from hubspot_sandbox.csv_import import CsvRefused, Skipped
from hubspot_sandbox.door import Server, build, listen, url_of
from hubspot_sandbox.sandbox import Options, Sandbox

DEFAULTS = Options()


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        sandbox, skipped = build(
            _options(arguments), contacts=arguments.contacts, seed=arguments.seed, csv=arguments.csv
        )
        listener = listen(arguments.port)
    except CsvRefused as refused:
        return _refuse(2, str(refused))
    except OSError as error:
        return _refuse(1, f"Port {arguments.port} cannot be used: {os.strerror(error.errno or 0).lower()}.")
    server = Server(sandbox, lambda: _announce(url_of(listener), sandbox, skipped))
    try:
        server.run([listener])
    except KeyboardInterrupt:  # uvicorn has closed down by then, and passes the signal on
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m hubspot_sandbox", description="A local HubSpot to test against.")
    parser.add_argument("--port", type=int, required=True, help="loopback port; 0 takes a free one")
    parser.add_argument("--contacts", type=_count, default=1000, help="how many contacts to invent (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same contacts (%(default)s)")
    parser.add_argument("--csv", type=Path, help="take the contacts from a HubSpot export instead")
    parser.add_argument("--portal", type=int, default=DEFAULTS.portal_id, help="the account's id (%(default)s)")
    parser.add_argument("--latency-ms", type=float, default=0, help="wait this long before every answer")
    parser.add_argument("--latency-per-record-ms", type=float, default=0, help="and this long for each record in it")
    parser.add_argument("--app-name", default=DEFAULTS.app_name, help="who asks for consent (%(default)s)")
    parser.add_argument("--client-id", default=DEFAULTS.client_id, help="(%(default)s)")
    parser.add_argument("--client-secret", default=DEFAULTS.client_secret, help="(%(default)s)")
    parser.add_argument("--redirect-uri", action="append", default=[], help="may be repeated; any loopback by default")
    parser.add_argument("--rotate-refresh-tokens", action="store_true", help="a refresh gives a new refresh token")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return count


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        portal_id=arguments.portal,
        app_name=arguments.app_name,
        client_id=arguments.client_id,
        client_secret=arguments.client_secret,
        redirect_uris=tuple(arguments.redirect_uri),
        rotate_refresh_tokens=arguments.rotate_refresh_tokens,
        latency_ms=arguments.latency_ms,
        per_record_ms=arguments.latency_per_record_ms,
    )


def _announce(url: str, sandbox: Sandbox, skipped: Sequence[Skipped]) -> None:
    count = len(sandbox.portal.live_ids)
    lines = [f"hubspot sandbox listening on {url}", f"{count} contact{'' if count == 1 else 's'}"]
    lines += [f"skipped row {each.row}: {each.reason}" for each in skipped]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _refuse(status: int, sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
