"""The app under load, over HTTP: a flood from one client, many who type, many records.

Clients are told apart by their address, so each has a loopback address of its own.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import httpx

from benchmarks.app_start import free_port
from benchmarks.typing_load import Tab, live_run, serving, typed

MODEL = "sentiment"
_FLOOD, _LINES, _CHARACTERS = 120, 50, 1_000
_LOADING = 1.2  # seconds that a browser takes for the page's scripts before it asks for anything
_TABS = {
    "Explore": ("plane", "redraw", {}),
    "Build": ("builder", "begin", None),
    "Orders": ("orders", "look", {}),
    "Early exit": ("exits", "models", None),
    "Runs": ("runs", "runs", {"owner": "0" * 32, "folded": []}),
}


@dataclass(frozen=True)
class Flood:
    """What one client's flood cost another: its seconds without, during and after the flood.

    ``refused`` counts the flood's requests that got a sentence at once, and ``huge`` is the
    seconds until 50 lines of 50,000 characters were refused.
    """

    before: float
    during: float
    after: float
    refused: int
    huge: float


def flood() -> Flood:
    """Let one client ask 120 times for 50 long lines while another asks for one."""
    port = free_port()
    with serving(port):
        return asyncio.run(_flood(port))


async def _flood(port: int) -> Flood:
    async with _client(port, "127.0.0.2") as calm, _client(port, "127.0.0.3") as greedy:
        panel = await panels(calm)
        person, crowd = Tab(calm, panel["exits"]), Tab(greedy, panel["exits"])
        await person.call("ask", {"model": MODEL, "texts": ["a first text opens the model"]})
        before = await _seconds(person, ["not bad at all"])
        started = time.perf_counter()
        answer = await _said(crowd, ["x" * 50_000] * _LINES)
        huge = time.perf_counter() - started
        if "characters" not in answer:
            raise SystemExit(f"flood: long lines must be refused; got {answer[:100]}.")
        line = ("a long line of words " * _CHARACTERS)[:_CHARACTERS]
        waves = [asyncio.ensure_future(_said(crowd, [line] * _LINES)) for _ in range(_FLOOD)]
        await asyncio.sleep(0.5)
        during = await _seconds(person, ["not bad at all"])
        refused = sum(wave.done() and "can wait" in wave.result() for wave in waves)
        for wave in waves:
            wave.cancel()
        await asyncio.gather(*waves, return_exceptions=True)
        after = await _seconds(person, ["not bad at all"])
    return Flood(before, during, after, refused, huge)


async def _seconds(person: Tab, texts: list[str]) -> float:
    start = time.perf_counter()
    await person.call("ask", {"model": MODEL, "texts": texts})
    return time.perf_counter() - start


async def _said(crowd: Tab, texts: list[str]) -> str:
    """Return the sentence with which texts are refused, or ""."""
    try:
        await crowd.call("ask", {"model": MODEL, "texts": texts})
    except RuntimeError as refusal:
        return str(refusal)
    return ""


def typists(people: int, seconds: float) -> tuple[int, float]:
    """Return the answers that people who type beside a run got, and the 95th percentile's wait."""
    port = free_port()
    with serving(port), live_run():
        times = asyncio.run(typed(port, MODEL, people, seconds))
    return len(times), quantiles(times, n=20)[-1]


@dataclass(frozen=True)
class Served:
    """How the app serves what is in a home folder: seconds to its page and of each tab, and MB."""

    start: float
    tabs: dict[str, float]
    memory: float


def served(home: Path) -> Served:
    """Start the app on ``home``, open every tab once, and stop it."""
    port, start = free_port(), time.perf_counter()
    with serving(port, home) as process:
        seconds = time.perf_counter() - start
        time.sleep(_LOADING)
        tabs = asyncio.run(_tabs(port))
        memory = _megabytes(process.pid)
    return Served(seconds, tabs, memory)


def _megabytes(pid: int) -> float:
    """Return the memory that a process of Linux has in use."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


async def _tabs(port: int) -> dict[str, float]:
    bodies = {}
    async with _client(port, "127.0.0.1") as client:
        panel = await panels(client)
        for name, (kind, function, argument) in _TABS.items():
            start = time.perf_counter()
            await Tab(client, panel[kind]).call(function, argument)
            bodies[name] = time.perf_counter() - start
    return bodies


async def panels(client: httpx.AsyncClient) -> dict[str, int]:
    """Return the number of each panel by its name."""
    config = (await client.get("config")).json()
    return {
        component["props"].get("elem_id"): component["id"] for component in config["components"]
    }


def _client(port: int, address: str) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(
        local_address=address, limits=httpx.Limits(max_connections=_FLOOD)
    )
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/", timeout=300, transport=transport)
