"""What docs/testing.md shows is a project that runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ..conftest import ROOT
from .conftest import Run

VOUCHER = """

class Voucher(TenantScoped, Base):
    __tablename__ = "voucher"
    __table_args__ = (CheckConstraint("code ~ '^[A-Z]{3}$'", name="three_letters"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str]
"""


def test_the_page_s_files_are_a_project(project: Callable[..., Path], run_here: Run) -> None:
    """Each Python block names its file; together, and with the shop's models, all of them pass."""
    path = project("shop")
    blocks = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", (ROOT / "docs" / "testing.md").read_text(), re.M | re.S)
    assert {name for name, _ in blocks} == {"conftest.py", "test_isolation.py", "test_projects.py", "test_vouchers.py"}
    for name, text in blocks:
        (path / name).write_text(text)
    models = path / "models.py"
    models.write_text(
        "from sqlalchemy import CheckConstraint\n" + models.read_text().partition("annotations\n")[2] + VOUCHER
    )
    result = run_here()
    assert set(result.parseoutcomes()) == {"passed"}, result.stdout.str()
    result.stdout.fnmatch_lines(["*test_isolation[[]foreign_key[[]task]] PASSED*", "isolation: * held, on 5 tables"])
