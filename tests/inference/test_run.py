from effexplorer import Pipeline, load_exits, parse_steps, run
from effexplorer.inference.saved_models import saved_models


def test_a_finished_run_with_exits_can_be_asked_at_once(local_tiny_model):
    steps = parse_steps("exit(epochs=0.2) > quantize")
    record = run(Pipeline("tiny", "reviews", steps, train_examples=64, epochs=0.2))
    found = next(one for one in saved_models() if one.name == record.id)
    assert (found.task, found.source) == ("reviews", "here")
    assert found.table().labels.size == record.data["validation_examples"]
    model = load_exits(record.id)
    answer = model("A charming film, and a wise one.")
    assert answer.calibrated and answer.label in ("negative", "positive")
    assert model.threshold == record.final.operating.get("threshold")
    assert load_exits(found.folder)("A dull film.").label in model.labels
