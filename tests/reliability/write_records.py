"""Writes records into a folder until it is killed; prints each id once it is written."""

import dataclasses
import itertools
import sys
from pathlib import Path

from effexplorer.records.files import write_record
from tests.builders import a_record

folder, attempt = Path(sys.argv[1]), int(sys.argv[2])
record = a_record("distill > prune > quantize")
for i in itertools.count():
    id = f"{attempt:06x}{i:06x}"
    write_record(dataclasses.replace(record, id=id), folder)
    print(id)
