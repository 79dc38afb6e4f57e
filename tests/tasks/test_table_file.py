import json

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.parquet import write_parquet
from effexplorer.tasks.table_file import read_table_file
from tests.own_data import lines, table

HEAD = "text,label\n"


def read(folder, name, text):
    return read_table_file(table(folder, name, text))


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        ("a.csv", HEAD + 'one,yes\n"two, three",no\n', ["one", "two, three"]),
        ("a.csv", HEAD + '"a ""word""",yes\n"two\nlines",no\n', ['a "word"', "two\nlines"]),
        ("a.csv", (HEAD + "one,yes\r\ntwo,no\r\n\r\n").replace("\n", "\n"), ["one", "two"]),
        ("a.csv", ("\ufeff" + HEAD + "één,yes\ntwo,no\n").encode(), ["één", "two"]),
        ("a.csv", (HEAD + "één,yes\ntwo,no\n").encode("utf-16"), ["één", "two"]),
        ("a.csv", "text;label\none, two;yes\nthree;no\n", ["one, two", "three"]),
        ("a.tsv", "text\tlabel\none\tyes\ntwo\tno\n", ["one", "two"]),
        ("a.tsv", 'text\tlabel\n"a ""word"""\tyes\ntwo\tno\n', ['a "word"', "two"]),
        ("a.tsv", 'text\tlabel\n"a word\tyes\ntwo"\tno\n', ['"a word', 'two"']),
        ("a.jsonl", '{"text": "one", "label": 1}\n\n{"text": "two", "label": 0}', ["one", "two"]),
    ],
    ids=lambda value: None if isinstance(value, list) else repr(value)[:40],
)
def test_a_file_is_read_as_it_is_meant(tmp_path, name, text, first):
    assert read(tmp_path, name, text).columns["text"] == first


def test_latin_1_is_read_and_told(tmp_path):
    read_as = read(tmp_path, "a.csv", (HEAD + "caf\xe9,yes\n").encode("latin-1"))
    assert read_as.columns["text"] == ["café"]
    assert read_as.notes == ("a.csv: is not UTF-8, and was read as Latin-1 (Windows-1252).",)


def test_another_delimiter_is_told(tmp_path):
    (note,) = read(tmp_path, "a.csv", "text;label\none;yes\n").notes
    assert note == "a.csv: its columns are parted by ;, not by a comma."


def test_parquet_is_read_with_the_names_of_its_classes(tmp_path):
    import datasets

    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    rows = {"text": ["one", "two", "three"], "label": [1, 0, -1]}
    datasets.Dataset.from_dict(rows, features).to_parquet(tmp_path / "a.parquet")
    columns = read_table_file(tmp_path / "a.parquet").columns
    assert columns == {"text": ["one", "two", "three"], "label": ["good", "bad", None]}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.csv", "", "a.csv: must hold at least one row; got none."),
        ("a.csv", HEAD, "a.csv: must hold at least one row; got none."),
        ("a.csv", HEAD + "one,yes\ntwo,three,no\n", "a.csv, row 2 (line 3): must have 2 columns"),
        ("a.csv", HEAD + "one\n", "a.csv, row 1 (line 2): must have 2 columns like the header"),
        ("a.csv", HEAD + '"one,yes\ntwo,no\n', "a.csv, row 1 (line 3): quotation marks must pair"),
        ("a.csv", "text,text\na,b\n", "a.csv: columns must have different names; got text twice."),
        ("a.csv", b"text,label\na\0b,yes\n", "a.csv: must be text; got a binary file."),
        ("a.csv", b"text,label\n\x81,yes\n", "a.csv: must be text in UTF-8, UTF-16 or Latin-1"),
        ("a.csv", "version https://git-lfs.github.com/spec/v1\n", "a.csv: must hold the data; got"),
        ("a.tsv", "text\tlabel\none\n", "a.tsv, row 1 (line 2): must have 2 columns"),
        ("a.tsv", 'text\tlabel\n"one\n', "a.tsv, row 1 (line 2): quotation marks must pair"),
        ("a.jsonl", '{"text": "one"}\n{"text":\n', "a.jsonl, row 2: must be a JSON object"),
        ("a.jsonl", '"one"\n', "a.jsonl, row 1: must be a JSON object"),
        ("a.jsonl", "[" * 100_000, "a.jsonl: must hold one JSON object a line"),
        ("a.jsonl", '{"a":' * 100_000, "a.jsonl, row 1: must be a JSON object"),
        ("a.parquet", "text,label\n", "a.parquet: must be a Parquet file; got one that cannot"),
        (
            "a.xlsx",
            "PK",
            "a.xlsx: must end in one of .csv, .tsv, .tab, .jsonl, .ndjson, .json, .pa",
        ),
    ],
)
def test_a_file_that_is_no_table_is_told_in_a_sentence(tmp_path, name, text, sentence):
    with pytest.raises(UserError) as caught:
        read(tmp_path, name, text)
    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value)) < 250


def test_a_parquet_file_without_rows_is_told(tmp_path):
    write_parquet({"text": [], "label": []}, tmp_path / "a.parquet")
    with pytest.raises(UserError, match=r"a.parquet: must hold at least one row; got none\."):
        read_table_file(tmp_path / "a.parquet")


@pytest.mark.parametrize("kind", ["none", "folder", "pipe"])
def test_what_is_no_file_is_told(tmp_path, kind):
    import os

    path = tmp_path / "a.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(UserError, match=r"a\.csv: must be a file; got "):
        read_table_file(path)


@pytest.mark.parametrize(("bound", "most"), [("MAX_TASK_FILE_BYTES", 100), ("MAX_TASK_ROWS", 10)])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_file_has_bounds(tmp_path, monkeypatch, bound, most, kind):
    rows = {"text": [f"text {row} " * 50 for row in range(60)], "label": [0, 1] * 30}
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        table(tmp_path, "a.csv", HEAD + lines())
    elif kind == "jsonl":
        path.write_text("".join(json.dumps({"text": row}) + "\n" for row in rows["text"]))
    else:
        write_parquet(rows, path)
    monkeypatch.setattr(limits, bound, most)
    with pytest.raises(UserError, match=rf"a\.{kind}: must (have|unpack to) at most {most}"):
        read_table_file(path)
