"""The scripts read of a message only what its Python type has."""

import re

import pytest

from effexplorer.ui.build.messages import BuilderState, JobState, Judgement
from effexplorer.ui.exits.messages import ModelState
from effexplorer.ui.explore.messages import PlaneRow, PlaneState
from effexplorer.ui.find.messages import Outlook, SearchState
from effexplorer.ui.orders.messages import OrderRow, OrdersState
from effexplorer.ui.runs.messages import Beside, Comparison, RunsRow, RunsState
from effexplorer.ui.shared.messages import RunPage, StageRow, Tile
from effexplorer.ui.shared.panel import UI

# A type, the scripts that are sent it, how they call it, and what they add of their own.
READ = [
    (PlaneState, "explore/*.js", "state", ()),
    (PlaneRow, "explore/runs_table.js", "row", ()),
    (RunPage, "shared/run_page.js", "run", ("message",)),
    (RunPage, "shared/export.js", "run", ()),
    (Tile, "shared/run_page.js", "tile", ()),
    (StageRow, "shared/run_page.js", "stage", ()),
    (BuilderState, "build/builder.js", "choices", ("error",)),
    (BuilderState, "build/setup.js", "choices", ()),
    (BuilderState, "build/presets.js", "choices", ()),
    (Judgement, "build/*.js", "verdict", ()),
    (JobState, "build/job_panel.js", "job", ()),
    (OrdersState, "orders/orders.js", "state", ()),
    (OrderRow, "orders/*.js", "row", ("length", "classList", "dataset")),
    (ModelState, "exits/*.js", "model", ()),
    (RunsState, "runs/runs.js", "state", ()),
    (RunsRow, "runs/table.js", "row", ()),
    (Comparison, "runs/compare.js", "compared", ()),
    (Beside, "runs/side_by_side.js", "run", ()),
    (Outlook, "find/find.js", "known", ()),
    (SearchState, "find/find.js", "search", ()),
]


@pytest.mark.parametrize(("message", "scripts", "name", "own"), READ)
def test_a_script_reads_what_it_is_sent(message, scripts, name, own):
    known = {*message.__required_keys__, *message.__optional_keys__, *own}
    paths = sorted(UI.glob(scripts))
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    code = [line for line in lines if not line.lstrip().startswith(("//", "*", "/*"))]
    read = {
        key for line in code for key in re.findall(rf"(?<![\w.]){name}\??\.(\w+)\b(?!\()", line)
    }
    assert read and not read - known
