"""How a report reaches its reader: a person at a terminal, a pull request, a browser, or a program.

``render`` writes it; ``baseline`` and ``dismissal`` decide which findings count; ``masked`` is what a stolen
value may look like. Names come from the database and are hostile until ``neutral`` has made them visible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tenantry.verify.model import Report
from tenantry.verify.report import as_json, html, junit, markdown, sarif, text
from tenantry.verify.report.masking import masked
from tenantry.verify.report.options import Format, Options
from tenantry.verify.report.schema import json_schema

__all__ = ["Format", "Options", "json_schema", "masked", "render"]

_RENDERERS: Mapping[Format, Callable[[Report, Options], str]] = {
    Format.TEXT: text.render,
    Format.JSON: as_json.render,
    Format.SARIF: sarif.render,
    Format.JUNIT: junit.render,
    Format.MARKDOWN: markdown.render,
    Format.HTML: html.render,
}


def render(report: Report, format: Format, options: Options | None = None) -> str:  # noqa: A002
    """Write the report in a format, ending with a newline."""
    return _RENDERERS[Format(format)](report, options or Options())
