"""The store: what is written together stays together, from any thread or process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from corpus.errors import StoreError
from service.store import Store

TABLE = "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, n INTEGER NOT NULL);"


def count(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute("SELECT count(*) AS n FROM seen").fetchone()["n"])


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "store.sqlite3")
    store.table(TABLE)

    def write_and_fail() -> None:
        with store.writing() as connection:
            connection.execute("INSERT INTO seen VALUES ('a', 1)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert count(store) == 0
    store.close()


def test_threads_and_a_second_opening_see_each_others_rows(tmp_path: Path) -> None:
    first, second = Store(tmp_path / "store.sqlite3"), Store(tmp_path / "store.sqlite3")
    first.table(TABLE)
    second.table(TABLE)

    def write(store: Store, name: str) -> None:
        for number in range(20):
            with store.writing() as connection:
                connection.execute("INSERT INTO seen VALUES (?, ?)", (f"{name}{number}", number))

    threads = [
        threading.Thread(target=write, args=(s, n)) for s, n in ((first, "a"), (second, "b"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(first) == count(second) == 40
    first.close()
    second.close()


def test_a_file_that_is_no_store_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than a header of one hundred bytes " * 3)
    before = path.read_bytes()
    store = Store(path)
    with pytest.raises(StoreError, match=r"notes\.txt cannot be used"):
        store.table(TABLE)
    assert path.read_bytes() == before
    store.close()


def test_a_store_of_an_earlier_version_gets_the_columns_that_it_lacks(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite3")
    first = "CREATE TABLE IF NOT EXISTS t (a TEXT)"
    store.table(first)
    with store.writing() as connection:
        connection.execute("INSERT INTO t VALUES ('old')")
    for _ in range(2):
        later = Store(tmp_path / "store.sqlite3")
        later.table(f"{first}; ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'x'")
        with later.reading() as connection:
            assert [tuple(row) for row in connection.execute("SELECT * FROM t")] == [("old", "x")]
        later.close()
    with pytest.raises(StoreError):
        store.table("ALTER TABLE nobody ADD COLUMN b TEXT")
    store.close()
