"""`yanbao facts`: lists figures, or writes all of them to a file.

Stands between the command and `service.fact_list`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from indexer.snapshot import Snapshot
from service.console import harmless
from service.fact_forms import facts_csv, facts_text, write_csv, write_parquet
from service.fact_list import FactQuery, facts_of, facts_page


def query_of(args: argparse.Namespace) -> FactQuery:
    """What the words of the command line ask for.

    Raises:
        pydantic.ValidationError: one of them cannot be.
    """
    return FactQuery(
        company=args.company,
        metric=args.metric,
        period=args.period,
        broker=args.broker,
        report_id=args.report,
        source=args.source,
        limit=args.limit,
        cursor=args.cursor,
    )


def show(args: argparse.Namespace, query: FactQuery, snapshot: Snapshot, public_url: str) -> None:
    """Prints one page of figures, or writes every figure that passes to `--out`."""
    form = "json" if args.json else args.format
    if args.out is not None:
        _write(form, args.out, snapshot, query, public_url)
        return
    page = facts_page(snapshot, query, public_url)
    if form == "json":
        print(page.model_dump_json(indent=2))
    elif form == "csv":
        sys.stdout.write(facts_csv(page.facts))
    else:
        print(harmless(facts_text(page)))


def _write(form: str, out: Path, snapshot: Snapshot, query: FactQuery, public_url: str) -> None:
    facts = facts_of(snapshot, query, public_url)
    if form == "parquet":
        rows = write_parquet(facts, out)
        print(f"yanbao: {rows} figures written to {out}", file=sys.stderr)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        write_csv(facts, file)
    print(f"yanbao: figures written to {out}", file=sys.stderr)
