"""The worker that computes a model in the browser, beside the same model in PyTorch."""

import functools
import http.server
import threading

import numpy as np
import pytest

from effexplorer.inference.model import load_exits
from effexplorer.inference.saved_models import find_exits
from effexplorer.ui.shared.panel import UI
from effexplorer.web import vendor
from effexplorer.web.model_files import write_browser_files
from tests.inference.builders import saved_exits
from tests.tiny_models import toy_tokenizer

WEB = vendor.__path__[0].removesuffix("/vendor")
TEXTS = [
    "a good film",
    "[SEP] hello [MASK]",
    "caf\u00e9 na\u00efve \u4e2d\u6587 \U0001f600 x\x00y\u200b",
    "don't... stop--it! $5.00 \u201cquotes\u201d \u00ad soft",
    "\u0130stanbul \u1e9e \ufb01ne \u0915\u094d\u0937",
    "\t tab\r\nnew\u2028line \u3000wide",
    "a" * 150,
    "word " * 400,
]
ENGINE = UI / "exits" / "browser_engine.js"
ASK = """async ({texts, base}) => {
  const engine = makeBrowserEngine("/web/exit_worker.js", () => {});
  const {exits} = await engine.open(new URL(base, location.href).href);
  const answers = [];
  for (const text of texts) {
    const {passage, rows} = await engine.begin([text]);
    const logits = [];
    for (let exit = 0; exit < exits; exit++)
      logits.push((await engine.advance(passage)).logits[0]);
    await engine.end(passage);
    answers.push({...rows[0], logits});
  }
  return answers;
}"""


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def served(tmp_path):
    """Return a folder whose content is served, beside the worker's scripts, and its address."""
    (tmp_path / "web").symlink_to(WEB)
    (tmp_path / "index.html").write_text("<!doctype html><link rel=icon href=data:,>")
    handler = functools.partial(_Files, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield tmp_path, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("numeric", ["fp32", "int8"])
@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("task", ["sst2", "mrpc"])
def test_a_browser_answers_as_pytorch_does(served, visitor, numeric, pooling, task):
    folder, url = served
    saved_exits(
        folder / "saved",
        task=task,
        numeric=numeric,
        pooling=pooling,
        vocab_size=len(toy_tokenizer()),
    )
    saved = find_exits(folder / "saved")
    write_browser_files(saved, folder / "model")
    texts = [[text] for text in TEXTS]
    if task == "mrpc":
        texts = [[first, second] for [first], [second] in zip(texts, reversed(texts), strict=True)]
    page = visitor.new_page()
    page.goto(url)
    page.add_script_tag(path=ENGINE)
    answers = page.evaluate(ASK, {"texts": texts, "base": "model/"})
    page.close()
    model = load_exits(saved.folder, engine="torch")
    for text, ours in zip(texts, answers, strict=True):
        expected = model(tuple(text) if len(text) > 1 else text[0], policy="full", all_exits=True)
        facts = (ours["tokens"], ours["truncated"], ours["unknown"])
        assert facts == (expected.tokens, expected.truncated, expected.unknown)
        logits = np.array(ours["logits"]) / np.array(model._temperatures)[:, None]
        likely = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        tolerance = 1e-4 if numeric == "fp32" else 0.02
        np.testing.assert_allclose(likely, expected.probabilities, atol=tolerance)
