"""The examples of docs/models.md, run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from model_support import imported

from opgen import schema
from opgen.emit.models import models

PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_the_examples_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    (form,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    found = schema.load_text(form, "widget.yaml")
    assert found.diagnostics == ()
    (loaded,) = found.loaded
    (module,) = models(loaded.definition)
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    examples = doctest.DocTestParser().get_doctest(
        code, vars(imported(module.source)).copy(), "models", None, None
    )
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    told: list[str] = []
    ran = doctest.DocTestRunner(optionflags=flags, verbose=False).run(examples, out=told.append)
    assert ran.failed == 0, "".join(told)
    assert ran.attempted > 10
