"""Where students' notebooks install the course's package from, written into them as they are built.

nbgrader_config.py sets it, for `vae-lab build` and for `nbgrader generate_assignment`.
"""

import json
import re
from typing import Any

from nbconvert.preprocessors import Preprocessor
from traitlets import Unicode

NAME = "COURSE_ADDRESS"
_LINE = re.compile(rf'^{NAME} = ""', re.MULTILINE)


class CourseAddress(Preprocessor):
    """Fills in the line `COURSE_ADDRESS = ""` of a lab's first code cell."""

    enabled = True
    address = Unicode("", help="What pip takes: git+https://..., a .zip, a folder").tag(config=True)

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        if cell.cell_type == "code":
            line = f"{NAME} = {json.dumps(self.address, ensure_ascii=False)}"
            cell.source = _LINE.sub(lambda _: line, cell.source)
        return cell, resources
