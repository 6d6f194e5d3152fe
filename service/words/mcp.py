"""`yanbao mcp`: the index as tools for assistants, over standard input and output.

Stands behind the command; the tools themselves are in `service.tools`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from service.settings import Settings


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Serves until standard input ends; returns 0.

    Raises:
        IndexerError: there is no index to ask.
    """
    parser = argparse.ArgumentParser(
        prog="yanbao mcp", description="serve the tools ask, search, facts and open_report (MCP)"
    )
    parser.parse_args(list(arguments))
    from service.tools import Toolbox, make_server

    toolbox = Toolbox(settings)
    try:
        make_server(toolbox).run("stdio")
    finally:
        toolbox.close()
    return 0
