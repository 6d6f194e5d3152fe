"""The bounded pool: how many may wait, when a place is free again, what the rest are told."""

from __future__ import annotations

import asyncio
import threading

import pytest

from service.limits import WorkPool
from service.problems import Problem


def test_work_runs_off_the_event_loop_and_its_value_comes_back():
    async def scene() -> None:
        pool = WorkPool(1, 0)
        assert await pool.run(threading.current_thread, 5) is not threading.current_thread()
        pool.close()

    asyncio.run(scene())


def test_what_work_raises_its_caller_gets_and_the_place_is_free():
    async def scene() -> None:
        pool = WorkPool(1, 0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await pool.run(lambda: 1 // 0, 5)
            await until(lambda: pool.taken == 0)
        pool.close()

    asyncio.run(scene())


def test_beyond_workers_and_queue_the_answer_is_503_with_retry_after():
    async def scene() -> None:
        pool = WorkPool(2, 3)
        gate = threading.Event()
        waiting = [asyncio.create_task(pool.run(gate.wait, 5)) for _ in range(5)]
        await until(lambda: pool.taken == 5)
        with pytest.raises(Problem) as refused:
            await pool.run(gate.wait, 5)
        assert refused.value.status == 503
        assert int(refused.value.headers["Retry-After"]) >= 1
        gate.set()
        assert await asyncio.gather(*waiting) == [True] * 5
        await until(lambda: pool.taken == 0)
        pool.close()

    asyncio.run(scene())


def test_a_caller_who_stops_waiting_frees_a_queued_place_but_not_a_busy_thread():
    async def scene() -> None:
        pool = WorkPool(1, 1)
        gate = threading.Event()
        busy = asyncio.create_task(pool.run(gate.wait, 0.05))
        await asyncio.sleep(0)
        queued = asyncio.create_task(pool.run(gate.wait, 0.05))
        for task in (busy, queued):
            with pytest.raises(Problem) as late:
                await task
            assert late.value.status == 503
        await until(lambda: pool.taken == 1)  # the thread still computes
        gate.set()
        await until(lambda: pool.taken == 0)
        pool.close()

    asyncio.run(scene())


def test_a_cancelled_caller_frees_its_place():
    async def scene() -> None:
        pool = WorkPool(1, 50)
        gate = threading.Event()
        tasks = [asyncio.create_task(pool.run(gate.wait, 5)) for _ in range(51)]
        await until(lambda: pool.taken == 51)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        gate.set()
        await until(lambda: pool.taken == 0)
        pool.close()

    asyncio.run(scene())


async def until(true) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.001)
