"""What does a browser or a printer show? One self-contained page, without scripts.

The template escapes everything (jinja2 autoescape), after every name has been made visible.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

import tenantry
from tenantry.verify.model import Level, Report
from tenantry.verify.report.accepted import reason_of
from tenantry.verify.report.conclusion import conclude, kill_ratio
from tenantry.verify.report.matrix import LABELS, MEANINGS, pivot
from tenantry.verify.report.neutral import neutralised
from tenantry.verify.report.options import Options
from tenantry.verify.report.wording import by_reason, counted, statement_label, tried

__all__ = ["render"]


def render(report: Report, options: Options) -> str:
    """Write the page."""
    plain = neutralised(report)
    fingerprints = [finding.fingerprint for finding in report.worst_first()]
    return _template().render(
        report=plain,
        findings=list(zip(fingerprints, map(neutralised, report.worst_first()), strict=True)),
        matrix=pivot(plain.matrix),
        end=conclude(plain, fail_at=options.fail_at),
        ratio=kill_ratio(plain.mutations),
        survivors=[mutation for mutation in plain.mutations if not mutation.is_killed],
        labels=LABELS,
        meanings=MEANINGS,
        note=Level.NOTE,
        tool_version=tenantry.__version__,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("tenantry.verify.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        by_reason=by_reason, counted=counted, reason_of=reason_of, statement_label=statement_label, tried=tried
    )
    return environment.get_template("report.html.j2")
