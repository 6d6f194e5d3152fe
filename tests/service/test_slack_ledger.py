"""The ledger: whatever deliveries, crashes and processes do, a job is begun and told once."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.slack.ledger import LEASE_S, MAX_TRIES, Job, Kind, Ledger, Taken
from service.store import Store


class Clock:
    def __init__(self) -> None:
        self.now = 1.7e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledgers(tmp_path, clock):
    """Two processes over one file."""
    made = [Ledger(Store(tmp_path / "s.sqlite3"), 10**6, clock) for _ in range(2)]
    for ledger in made:
        ledger.open()
    return made


def job(number: int, thread: int | None = None, user: str = "U1") -> Job:
    place = number if thread is None else thread
    return Job(f"Ev{number}", f"m{number}", Kind.ASK, "T", user, "C", thread_ts=f"t{place}")


def test_a_job_comes_back_as_it_was_taken(ledgers):
    whole = dataclasses.replace(job(1), text="问题", response_url="u", vote="up", is_direct=True)
    ledgers[0].take(whole)
    assert ledgers[1].next() == dataclasses.replace(whole, tries=1)


def test_the_jobs_of_a_thread_are_done_one_after_the_other(ledgers):
    one, other = ledgers
    for number, thread in ((1, 7), (2, 7), (3, 8)):
        one.take(job(number, thread))
    first, elsewhere = one.next(), other.next()
    assert (first.event_id, elsewhere.event_id) == ("Ev1", "Ev3")
    assert other.next() is None
    assert one.posting(first)
    assert other.next() is None
    one.done(first)
    assert other.next().event_id == "Ev2"


def test_a_dead_process_leaves_its_jobs_and_a_living_one_keeps_them(ledgers, clock):
    dead, living = ledgers
    dead.take(job(1))
    dead.take(job(2))
    held, kept = dead.next(), living.next()
    clock.now += LEASE_S - 1
    living.renew()
    clock.now += 2
    taken = living.next()
    assert taken.event_id == held.event_id
    assert living.next() is None  # its own job is not taken twice
    assert not dead.posting(held)  # it was only asleep: the other one answers
    assert living.posting(taken)
    assert living.posting(kept)


def test_who_leaves_gives_back_what_it_took_and_did_not_post(ledgers):
    leaving, staying = ledgers
    for number in range(3):
        leaving.take(job(number))
    posted, kept = leaving.next(), staying.next()
    leaving.next()  # taken, and nobody got to know of it
    assert leaving.posting(posted)
    leaving.leave()
    assert staying.next().event_id == "Ev2"
    assert staying.next() is None
    assert staying.posting(kept)


def test_a_reply_that_may_be_out_is_not_begun_again(ledgers, clock):
    dead, living = ledgers
    dead.take(job(1, 7))
    dead.posting(dead.next())
    living.take(job(2, 7))
    clock.now += LEASE_S + 1
    assert living.next().event_id == "Ev2"  # and it does not hold up its thread


def test_a_job_that_ends_every_process_is_given_up(ledgers, clock):
    ledgers[0].take(job(1))
    for _ in range(MAX_TRIES):
        assert ledgers[0].next() is not None
        clock.now += LEASE_S + 1
    assert ledgers[0].next() is None


def test_what_was_given_back_is_taken_up_at_its_time(ledgers, clock):
    ledgers[0].take(job(1))
    ledgers[0].again(ledgers[0].next(), after_s=30)
    assert ledgers[1].next() is None
    clock.now += 31
    assert ledgers[1].next().tries == 2


def test_a_person_may_ask_again_after_a_minute(tmp_path, clock):
    ledger = Ledger(Store(tmp_path / "s.sqlite3"), 2, clock)
    ledger.open()
    taken = [ledger.take(job(n)) for n in range(4)]
    assert taken == [Taken.NEW, Taken.NEW, Taken.OVER, Taken.OVER]
    assert ledger.take(job(9, user="U2")) is Taken.NEW
    clock.now += 61
    assert ledger.take(job(5)) is Taken.NEW
    kinds = [one.kind for one in iter(ledger.next, None)]
    assert sorted(kinds) == [Kind.ASK] * 4 + [Kind.SLOW_DOWN]


class World:
    """Two processes over one store, and what Slack saw of them."""

    def __init__(self, path) -> None:
        self.clock = Clock()
        self.store = Store(path)
        self.ledgers = [Ledger(self.store, 10**6, self.clock) for _ in range(2)]
        self.ledgers[0].open()
        self.taken: set[str] = set()
        self.told: list[str] = []
        self.maybe: set[str] = set()  # the process died while the reply was on its way
        self.dropped = 0

    def take(self, who: int, number: int) -> None:
        fresh = self.ledgers[who].take(job(number, thread=number % 2))
        assert (fresh is Taken.NEW) == (f"Ev{number}" not in self.taken)
        self.taken.add(f"Ev{number}")

    def work(self, who: int, _: int = 0) -> bool:
        found = self.ledgers[who].next()
        if found is not None:
            assert self.ledgers[who].posting(found)
            self.told.append(found.event_id)
            self.ledgers[who].done(found)
        return found is not None

    def die_at_work(self, who: int, _: int) -> None:
        self.dropped += self.ledgers[who].next() is not None

    def die_while_posting(self, who: int, _: int) -> None:
        found = self.ledgers[who].next()
        if found is not None:
            assert self.ledgers[who].posting(found)
            self.maybe.add(found.event_id)

    def wait(self, *_: int) -> None:
        self.clock.now += LEASE_S + 1


WHAT = ["take", "take", "work", "die_at_work", "die_while_posting", "wait"]
STEPS = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(0, 1), st.integers(0, 5)), max_size=40
)


@given(steps=STEPS)
@settings(max_examples=50, deadline=None)
def test_no_order_of_deliveries_and_crashes_tells_twice_or_loses(tmp_path_factory, steps) -> None:
    world = World(tmp_path_factory.mktemp("ledger") / "s.sqlite3")
    for what, who, number in steps:
        getattr(world, what)(who, number)
    for _ in range(2 * MAX_TRIES):
        world.wait()
        while world.work(0):
            pass
    world.store.close()
    assert len(world.told) == len(set(world.told))
    assert not set(world.told) & world.maybe
    if world.dropped < MAX_TRIES:
        assert set(world.told) | world.maybe == world.taken
