"""A shipped model computed in a browser: first answer, time per exit, memory, bytes, 1,000 tabs.

Headless Chromium opens the app's own worker from the app's own server. Beside it stand, on the
same sentences: native ONNX Runtime through the same parts, and the whole model as one graph in the
same page, as transformers.js would run it, which cannot stop at an exit. ``--tabs`` lets that many
browsers fetch the tab's files from one server at once, and ``--agree`` compares label and exit of
both engines on every validation row of every shipped model, with the data in EFFEXPLORER_GLUE_DIR.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import numpy as np
from scipy.special import softmax

from benchmarks.app_start import BROWSERS, free_port
from benchmarks.everyday import SENTENCES
from benchmarks.served import panels
from benchmarks.timing import Claim, options_of, show
from benchmarks.typing_load import Tab, serving
from effexplorer.exports.source import find_run, open_source
from effexplorer.exports.whole_graph import whole
from effexplorer.inference.model import load_exits
from effexplorer.inference.saved_models import find_exits, saved_models
from effexplorer.models.config import SlimBertConfig
from effexplorer.records.store import SHIPPED
from effexplorer.tasks.data import validation
from effexplorer.ui.shared.panel import UI
from effexplorer.web.vendor.update import FOLDER

_TIMEOUT = 120_000  # milliseconds
_MESSENGER = UI / "exits" / "browser_engine.js"
_ENGINE = """async ({worker, model, texts}) => {
  const start = performance.now();
  const engine = makeBrowserEngine(worker, () => {});
  const {exits} = await engine.open(new URL(model, location.href).href);
  const times = [], logits = [];
  let first = 0;
  for (const text of texts) {
    const {passage} = await engine.begin([text]);
    const row = [];
    for (let exit = 0; exit < exits; exit++) {
      row.push(await engine.advance(passage));
      first ||= performance.now() - start;
    }
    await engine.end(passage);
    times.push(row.map((one) => one.milliseconds));
    logits.push(row.map((one) => one.logits[0]));
  }
  return {first, times, logits};
}"""
_WHOLE = """async ({runtime, wasm, graph, inputs}) => {
  const ort = await import(new URL(runtime, location.href).href);
  const packed = await fetch(wasm);
  const unpacked = packed.body.pipeThrough(new DecompressionStream("gzip"));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await new Response(unpacked).arrayBuffer();
  const bytes = Uint8Array.from(atob(graph), (letter) => letter.charCodeAt(0));
  const session = await ort.InferenceSession.create(bytes);
  const tensor = (row, fill) => {
    const values = BigInt64Array.from(row, (id) => fill ?? BigInt(id));
    return new ort.Tensor("int64", values, [1, row.length]);
  };
  const run = async (row) => {
    const feeds = {input_ids: tensor(row), attention_mask: tensor(row, 1n)};
    if (session.inputNames.includes("token_type_ids")) feeds.token_type_ids = tensor(row, 0n);
    const start = performance.now();
    await session.run(feeds);
    return performance.now() - start;
  };
  await run(inputs[0]);
  const times = [];
  for (const row of inputs) times.push(await run(row));
  return times;
}"""


@dataclass(frozen=True)
class Engine:
    """What a browser was seen to do: seconds to its first answer, milliseconds, and megabytes.

    ``exits`` are the median milliseconds until each exit's answer; ``whole`` those of one graph.
    """

    cold: float
    warm: float
    exits: list[float]
    whole: float
    memory: float


async def addresses(port: int, name: str) -> dict[str, str]:
    """Return where the app serves the worker and the files of the model ``name``."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/", timeout=120) as client:
        tab = Tab(client, (await panels(client))["exits"])
        return await tab.call("browser", name)


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Give a headless browser; raises SystemExit where there is none."""
    from playwright.sync_api import sync_playwright

    browsers = [path for path in map(shutil.which, BROWSERS) if path]
    if not browsers:
        raise SystemExit(f"a browser must be on the PATH; got none of {', '.join(BROWSERS)}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers[0], args=["--no-sandbox"])
        yield browser
        browser.close()


def agreement(port: int, name: str) -> tuple[int, int, int]:
    """Return the validation rows of a model's task, and how many labels and exits are equal.

    Of the engines of the browser and of the server, at the model's own threshold.
    """
    model, saved = load_exits(name), find_exits(name)
    texts = list(zip(*validation(saved.task).texts, strict=True))
    root = f"http://127.0.0.1:{port}/"
    asked = {key: root + address for key, address in asyncio.run(addresses(port, name)).items()}
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(10 * _TIMEOUT)
        page.goto(f"{root}lessons/1")
        page.add_script_tag(path=_MESSENGER)
        logits = np.array(page.evaluate(_ENGINE, asked | {"texts": texts})["logits"])
    config = SlimBertConfig.from_pretrained(saved.folder)
    likely = softmax(logits / np.array(config.temperatures)[:, None], axis=-1)
    ready = likely.max(-1) >= config.threshold  # (rows, exits)
    ready[:, -1] = True
    exits = ready.argmax(1)
    labels = likely[np.arange(len(texts)), exits].argmax(1)
    answers = [model(text if len(text) > 1 else text[0]) for text in texts]
    same = sum(
        model.labels[label] == other.label for label, other in zip(labels, answers, strict=True)
    )
    return len(texts), same, sum(exits == [answer.exit for answer in answers])


def measure(port: int, name: str, texts: list[str]) -> Engine:
    """Open the model in a fresh browser, then again in the same, and take the texts through it."""
    files = asyncio.run(addresses(port, name))
    source = open_source(find_run(name))
    types = "token_type_ids" in source.tokenizer.model_input_names
    graph = base64.b64encode(whole(source.model, token_types=types)).decode("ascii")
    inputs = [source.tokenizer(text)["input_ids"] for text in texts]
    root = f"http://127.0.0.1:{port}/"
    asked = {key: root + address for key, address in files.items()}
    asked["texts"] = [[text] for text in texts]
    with chromium() as browser:
        context = browser.new_context()
        seen = []
        for _ in range(2):
            page = context.new_page()
            page.set_default_timeout(_TIMEOUT)
            page.goto(f"{root}lessons/1")  # a small page of the same origin
            page.add_script_tag(path=_MESSENGER)
            seen.append(page.evaluate(_ENGINE, asked))
            memory = _renderer_megabytes()
            page.close()
        page = context.new_page()
        page.goto(f"{root}lessons/1")
        vendor = f"{root}gradio_api/file={FOLDER}"
        times = page.evaluate(
            _WHOLE,
            {
                "runtime": f"{vendor}/ort.wasm.bundle.min.mjs",
                "wasm": f"{vendor}/ort-wasm-simd-threaded.wasm.gz",
                "graph": graph,
                "inputs": inputs,
            },
        )
    cold, warm = seen
    exits = [median(column) for column in zip(*warm["times"], strict=True)]
    return Engine(cold["first"] / 1000, warm["first"] / 1000, exits, median(times), memory)


def _renderer_megabytes() -> float:
    """Return the memory of the largest renderer process of a browser on this machine."""
    sizes = [0.0]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                pages = int((folder / "statm").read_text("utf-8").split()[1])
                sizes.append(pages * 4096 / 1024**2)
        except OSError:  # it has ended
            continue
    return max(sizes)


def native(name: str, texts: list[str]) -> list[float]:
    """Return the median milliseconds until each exit's answer with native ONNX Runtime."""
    model = load_exits(name)
    for text in texts[:3]:
        model(text, policy="full")
    rows = [model(text, policy="full").milliseconds for text in texts]
    return [median(column) for column in zip(*rows, strict=True)]


async def tabs(port: int, name: str, count: int) -> tuple[list[float], int, int]:
    """Let ``count`` browsers fetch a tab's files at once; return seconds each, errors and bytes."""
    files = await addresses(port, name)
    root = f"http://127.0.0.1:{port}/"
    base = root + files["model"]
    limits = httpx.Limits(max_connections=count)
    async with httpx.AsyncClient(timeout=600, limits=limits) as client:
        manifest = (await client.get(f"{base}manifest.json")).json()
        names = [manifest["tokenizer"]["name"], *(part["name"] for part in manifest["parts"])]
        runtime = f"{root}gradio_api/file={FOLDER}/ort-wasm-simd-threaded.wasm.gz"
        wanted = [root, f"{base}manifest.json", runtime, *(base + name for name in names)]

        async def tab() -> tuple[float, int, int]:
            start, errors, size = time.perf_counter(), 0, 0
            for address in wanted:
                try:
                    async with client.stream("GET", address) as answer:
                        errors += answer.status_code != 200
                        async for piece in answer.aiter_bytes(1 << 20):
                            size += len(piece)
                except httpx.HTTPError:
                    errors += 1
            return time.perf_counter() - start, errors, size

        waits = await asyncio.gather(*(tab() for _ in range(count)))
    return [row[0] for row in waits], sum(row[1] for row in waits), max(row[2] for row in waits)


def main() -> None:
    """Measure and print one line for each figure."""
    parser = options_of(__doc__)
    parser.add_argument("--model", default="sentiment", help="a shipped model of one text")
    parser.add_argument("--tabs", type=int, default=0, help="browsers that fetch the files at once")
    parser.add_argument("--agree", action="store_true", help="compare both engines' answers")
    options = parser.parse_args()
    if options.agree:
        port = free_port()
        with serving(port):
            for name in sorted(model.name for model in saved_models() if model.source == SHIPPED):
                rows, labels, exits = agreement(port, name)
                print(f"{name}: {labels} of {rows} labels and {exits} of {rows} exits are equal.")
        return
    texts = [text for group in SENTENCES.values() for text, _ in group]
    port = free_port()
    with serving(port):
        engine = measure(port, options.model, texts)
        seconds, errors, size = asyncio.run(tabs(port, options.model, max(options.tabs, 1)))
    peers = native(options.model, texts)
    claims = [
        Claim(
            "first answer, nothing kept / kept",
            f"{engine.cold:.2f} s",
            f"{engine.warm:.2f} s",
            engine.cold / engine.warm,
        ),
        *(
            Claim(
                f"exit {place} of {len(peers)}, in the browser / native",
                f"{ours:.2f} ms",
                f"{peer:.2f} ms",
                ours / peer,
            )
            for place, (ours, peer) in enumerate(zip(engine.exits, peers, strict=True), 1)
        ),
        Claim(
            "first exit / one graph at full depth, in the page",
            f"{engine.exits[0]:.2f} ms",
            f"{engine.whole:.2f} ms",
            engine.exits[0] / engine.whole,
        ),
        Claim(
            "full depth in parts / one graph, in the page",
            f"{engine.exits[-1]:.2f} ms",
            f"{engine.whole:.2f} ms",
            engine.exits[-1] / engine.whole,
        ),
    ]
    show(claims, as_json=options.json)
    if not options.json:
        print(
            f"Memory of the page and its worker: {engine.memory:.0f} MB. "
            f"Files of a tab, once: {size / 1e6:.1f} MB."
        )
        slow = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        print(
            f"{len(seconds)} tabs at once: 95 % have all files within {slow:.1f} s; "
            f"{errors} errors."
        )


if __name__ == "__main__":
    main()
