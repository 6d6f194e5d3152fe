"""A folder of reports sent to a server, in batches; what was refused is told with its reason.

Run: `python examples/bulk_index.py FOLDER --key KEY` while `yanbao serve` runs (`yanbao keys` makes
a key). On the server's own machine `yanbao index FOLDER` does the same without a server.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from service.client import Client

BATCH = 50


def main() -> int:
    """Sends the files and follows the jobs; 1 if a file was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", required=True)
    options = parser.parse_args()
    refused = 0
    with Client(options.url, options.key) as yanbao:
        for batch in batches(options.folder):
            job = yanbao.wait(yanbao.upload(batch))
            for file in job.files:
                print(f"{file.status:12} {file.name} {file.report_id or ''} {file.reason or ''}")
                refused += file.status != "indexed"
        print(f"{len(list(yanbao.reports(status='indexed')))} reports, {refused} files refused")
    return 1 if refused else 0


def batches(folder: Path) -> Iterator[list[Path]]:
    """The files under `folder`, hidden ones left out, `BATCH` at a time."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).as_posix().startswith(".")
    )
    for start in range(0, len(files), BATCH):
        yield files[start : start + BATCH]


if __name__ == "__main__":
    sys.exit(main())
