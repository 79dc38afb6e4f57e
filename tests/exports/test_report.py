import dataclasses
import re
from html.parser import HTMLParser

import pytest

from effexplorer import cli, home
from effexplorer.exports.report import report
from effexplorer.records.files import write_record
from effexplorer.records.reproduce import command
from tests.builders import a_record, some_exits

RECORDS = [a_record("distill(layers=3) > quantize"), a_record("prune")]


class Page(HTMLParser):
    """The page's elements and texts; what is opened must be closed."""

    EMPTY = ("meta", "circle", "path", "polyline")

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_a_page_is_whole_and_asks_for_nothing_else():
    text = report(RECORDS)
    page = Page(text)
    assert page.open == [] and page.links == []
    assert not re.findall(r"https?:|@import|url\(|<script", text)


def test_every_stage_is_told_with_what_repeats_the_run():
    page = Page(report(RECORDS))
    for record in RECORDS:
        assert command(record) in page.texts
        assert {stage.step for stage in record.stages} <= set(page.texts)
        assert f"{record.final.score:.1f} %" in page.texts


def test_exits_are_told():
    page = Page(report([a_record("exit", **some_exits())]))
    assert {f"after layer {layer}" for layer in range(1, 7)} <= set(page.texts)


def test_words_of_a_record_are_words():
    odd = dataclasses.replace(RECORDS[0], data=RECORDS[0].data | {"source": "<script>x</script>"})
    assert "<script" not in report([odd])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"data": RECORDS[1].data | {"fingerprint": "f" * 16}},
            "The runs were trained or measured on different rows",
        ),
        ({"machine": {"processor": "other"}}, "They were measured on different machines"),
    ],
)
def test_what_cannot_be_compared_is_told(change, said):
    assert said not in report(RECORDS)
    assert said in report([RECORDS[0], dataclasses.replace(RECORDS[1], **change)])


def test_the_command_writes_a_new_file(tmp_path, capsys):
    write_record(RECORDS[0], home.runs_folder())
    out = tmp_path / "page.html"
    assert cli.main(["report", RECORDS[0].id, "sst2", str(out)]) == 0
    assert capsys.readouterr().out == f"Written: {out}\n"
    assert out.read_text("utf-8") == report([RECORDS[0], *_shipped()])
    assert cli.main(["report", RECORDS[0].id, str(out)]) == 2
    assert "out: must be a new file that ends in .html; got " in capsys.readouterr().err


def _shipped():
    from effexplorer.exports.source import find_run

    return [find_run("sst2").record]


@pytest.mark.parametrize("arguments", [["none", "a.html"], ["sst2", "a.txt"], ["a.html"]])
def test_bad_input_is_told_in_a_sentence(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["report", *arguments]) == 2
    assert " must " in capsys.readouterr().err
    assert list(tmp_path.glob("*.*")) == []
