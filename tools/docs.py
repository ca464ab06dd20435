"""What the reference pages under docs/reference say: all of it generated from what the code declares.

python tools/docs.py build    write every page
python tools/docs.py check    exit 1 and show the difference where a page is not what build would write
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from tenantry.errors import TenantryError
from tenantry.session.refused import Refusal
from tenantry.verify import lint

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
LONGEST_DIFFERENCE = 20
COMPLETION = {"install_completion", "show_completion"}

Schema = Mapping[str, Any]


def main(arguments: list[str]) -> int:
    """Build or check, and give the exit status."""
    if arguments == ["build"]:
        return build()
    if arguments == ["check"]:
        return check()
    print(__doc__, file=sys.stderr)
    return 2


def build() -> int:
    """Write every page, and remove those that nothing generates any more."""
    wanted = pages()
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for stale in written().keys() - wanted.keys():
        (REFERENCE / stale).unlink()
    for name, text in wanted.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    print(f"docs/reference: {len(wanted)} pages written")
    return 0


def check() -> int:
    """Say which pages differ from what build would write."""
    wanted, found = pages(), written()
    wrong = [name for name in sorted(wanted.keys() | found.keys()) if wanted.get(name) != found.get(name)]
    for name in wrong:
        print(difference(name, found.get(name, ""), wanted.get(name, "")))
    if wrong:
        print(f"docs/reference: {len(wrong)} pages are out of date. Run: make docs")
        return 1
    print(f"docs/reference: {len(wanted)} pages are up to date")
    return 0


def pages() -> dict[str, str]:
    """Give every page there is something to say on, by file name."""
    makers: dict[str, Callable[[], str]] = {
        "lints.md": lints_page,
        "errors.md": errors_page,
        "attacks.md": attacks_page,
        "cli.md": cli_page,
        "report.schema.json": report_schema_text,
        "report.md": report_page,
        "blueprint.schema.json": blueprint_schema_text,
        "blueprint.md": blueprint_page,
    }
    made = {name: make() for name, make in makers.items()}
    return {name: text.strip() + "\n" for name, text in made.items() if text}


def written() -> dict[str, str]:
    """Give the pages as they lie there."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(REFERENCE.glob("*.*"))}


def difference(name: str, found: str, wanted: str) -> str:
    """Give the first lines of a page's difference."""
    lines = list(
        difflib.unified_diff(
            found.splitlines(), wanted.splitlines(), f"{name} as it is", f"{name} as built", lineterm="", n=1
        )
    )
    more = [f"... {len(lines) - LONGEST_DIFFERENCE} more lines"] if len(lines) > LONGEST_DIFFERENCE else []
    return "\n".join([*lines[:LONGEST_DIFFERENCE], *more])


# Lints


def lints_page() -> str:
    """Describe every lint from its header and its first case that fires."""
    head = "A lint only reads the catalog. Each comes with small databases on which it must fire or be silent."
    return document("Lints", "src/tenantry/verify/lints", head, map(lint_section, lint.discover()))


def lint_section(one: lint.Lint) -> str:
    """Describe one lint."""
    lines = [
        f"## {one.code} {one.title}",
        f"`{one.name}` · {one.level} · {one.kind}",
        one.why,
        f"**To mend it:** {one.fix}",
    ]
    if fires := next((case for case in one.cases if case.expect), None):
        names = ", ".join(f"`{name}`" for name in sorted(fires.expect))
        lines += [f"Fires on {fires.title}, and names {names}:", fenced("sql", fires.statements)]
    return "\n\n".join(lines)


# Errors


def errors_page() -> str:
    """Describe every error from its class."""
    head = (
        "Every situation that ends a command, or a unit of work of an application (TN300 and up), has a code that "
        "never changes its meaning. "
        "Exit statuses are those of `tenantry verify`: 0 clean, 1 findings, 2 could not verify."
    )
    return document("Errors", "src/tenantry/errors.py", head, map(error_section, error_classes()))


def error_section(error: type[TenantryError]) -> str:
    """Describe one error."""
    again = "may pass when run again" if error.retryable else "will not pass by running again"
    return "\n\n".join(
        [
            f"## {error.code} {first_line(error)}",
            f"`{error.__name__}` · {ending(error)} · {again}",
            f"**What to do:** {error.way_out}",
        ]
    )


def ending(error: type[TenantryError]) -> str:
    """Say what an error ends with: a command's exit status, or what a request is answered."""
    if not issubclass(error, Refusal):
        return f"exit status {error.exit_status}"
    states = f" · SQLSTATE {', '.join(error.sqlstates)}" if error.sqlstates else ""
    return f"`{error.name}` · HTTP status {error.status}{states}"


def error_classes() -> list[type[TenantryError]]:
    """Give every error of the package, wherever it is declared, by code."""
    for found in pkgutil.walk_packages(importlib.import_module("tenantry").__path__, "tenantry."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    return sorted(subclasses(TenantryError), key=lambda error: error.code)


def subclasses(error: type[TenantryError]) -> Iterator[type[TenantryError]]:
    """Give all descendants of an error."""
    for child in error.__subclasses__():
        yield child
        yield from subclasses(child)


# Attacks


def attacks_page() -> str:
    """Describe every attack from what its module declares."""
    modules = sorted(attack_modules(), key=lambda module: str(module.ATTACK.code))
    if not modules:
        return ""
    head = (
        "An attack is tried in a transaction that is always rolled back. Its sabotage is the defence whose "
        "removal must let it through: an attack that cannot succeed proves nothing."
    )
    return document("Attacks", "src/tenantry/verify/attacks", head, map(attack_section, modules))


def attack_modules() -> Iterator[ModuleType]:
    """Give the modules that declare an attack."""
    package = optional("tenantry.verify.attacks")
    for found in pkgutil.iter_modules(package.__path__ if package else []):
        module = importlib.import_module(f"tenantry.verify.attacks.{found.name}")
        if hasattr(module, "ATTACK"):
            yield module
    # why: it knows tenantry's own context, which attacks on databases at large do not
    yield importlib.import_module("tenantry.context.seal_attack")


def attack_section(module: ModuleType) -> str:
    """Describe one attack."""
    attack = module.ATTACK
    title, _, more = inspect.cleandoc(module.__doc__ or "").partition("\n")
    return "\n\n".join(
        [
            f"## {attack.code} {title}",
            " · ".join(filter(None, [f"`{attack.name}`", getattr(attack, "verb", "")])),
            *filter(None, [more.strip()]),
            f"**Claim:** {attack.claim}",
            f"**Expected:** {attack.expect}",
            "**Sabotage:**",
            fenced("sql", attack.sabotage),
        ]
    )


# Commands


def cli_page() -> str:
    """Describe every command from the command line's own declarations."""
    app = getattr(optional("tenantry.cli.main"), "app", None)
    if app is None:
        return ""
    from typer.main import get_command  # noqa: PLC0415 (the other pages do not need it)

    head = "Connection URLs are what libpq takes: `postgresql://user@host:port/database`."
    return document("Commands", "src/tenantry/cli", head, command_sections(get_command(app), "tenantry"))


def command_sections(command: Any, path: str) -> Iterator[str]:
    """Describe a command and those under it."""
    if not getattr(command, "hidden", False):
        yield command_section(command, path)
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from command_sections(child, f"{path} {name}")


def command_section(command: Any, path: str) -> str:
    """Describe one command."""
    hints = get_type_hints(command.callback) if command.callback else {}
    shown = [found for found in command.params if not found.hidden and found.name not in COMPLETION]
    options = [option_line(found, choices_of(hints.get(str(found.name)))) for found in shown]
    parts = [f"## {path}", inspect.cleandoc(command.help or ""), "\n".join(options)]
    return "\n\n".join(filter(None, parts))


def option_line(parameter: Any, choices: tuple[str, ...]) -> str:
    """Describe one option or argument in a list item."""
    is_argument = parameter.param_type_name == "argument"
    names = [str(parameter.name).upper()] if is_argument else [*parameter.opts, *parameter.secondary_opts]
    words = [
        " / ".join(f"`{name}`" for name in names),
        f"({', '.join(f'`{choice}`' for choice in choices)})" if choices else "",
        "(required)" if parameter.required else "",
    ]
    return f"- {' '.join(filter(None, words))}: {' '.join((parameter.help or '').split())}"


def choices_of(hint: object) -> tuple[str, ...]:
    """Give what a person may type where a parameter's type allows a few words only."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(str(member.value) for member in hint)
    if get_origin(hint) is Literal:
        return tuple(str(value) for value in get_args(hint))
    return tuple(choice for part in get_args(hint) for choice in choices_of(part))


# Report and blueprint


def report_schema() -> Schema | None:
    """Give the JSON contract's schema where the report declares it."""
    module = optional("tenantry.verify.report.schema")
    make = getattr(module, "json_schema", None)
    return make() if make else None


def report_schema_text() -> str:
    """Give the JSON contract's schema as a file."""
    schema = report_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) if schema else ""


def report_page() -> str:
    """Describe the JSON report from its schema."""
    schema = report_schema()
    if schema is None:
        return ""
    head = "What `tenantry verify --format json` prints. The schema is [report.schema.json](report.schema.json)."
    return document("Report", "src/tenantry/verify/report/schema.py", head, schema_sections(schema))


def blueprint_schema() -> Schema | None:
    """Give the schema of tenantry.toml where the blueprint declares it."""
    make = getattr(optional("tenantry.blueprint.schema"), "json_schema", None)
    return make() if make else None


def blueprint_schema_text() -> str:
    """Give the schema of tenantry.toml as a file."""
    schema = blueprint_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) if schema else ""


def blueprint_page() -> str:
    """Describe the blueprint's keys from its schema, and how an editor gets to know them."""
    schema = blueprint_schema()
    if schema is None:
        return ""
    head = "\n\n".join(
        [
            "The keys of `tenantry.toml`. `tenantry init URL` writes a commented first one, and `tenantry check` says "
            "without a database what is wrong in it, at which line, and what to write instead.",
            "The JSON Schema is [blueprint.schema.json](blueprint.schema.json); `tenantry check --schema` prints it. "
            "Editors that use Taplo (Even Better TOML in VS Code) complete and check keys as they are typed once the "
            "first line of the file names it:",
            fenced("sh", "tenantry check --schema > tenantry.schema.json"),
            fenced("toml", "#:schema ./tenantry.schema.json"),
        ]
    )
    return document("Blueprint", "src/tenantry/blueprint/model.py", head, schema_sections(schema))


def schema_sections(schema: Schema) -> Iterator[str]:
    """Describe an object's keys, then those of every object it is made of."""
    yield schema_section("Top level", schema)
    for name, part in sorted(schema.get("$defs", {}).items()):
        yield schema_section(name, part)


def schema_section(title: str, schema: Schema) -> str:
    """Describe one object's keys in a table, or the values of one that has none."""
    required = set(schema.get("required", ()))
    rows = [key_row(key, value, key in required) for key, value in schema.get("properties", {}).items()]
    head = ["| key | type | default | meaning |", "|---|---|---|---|"]
    table = "\n".join([*head, *rows]) if rows else type_of(schema)
    return "\n\n".join(filter(None, [f"## {title}", inspect.cleandoc(schema.get("description", "")), table]))


def key_row(key: str, schema: Schema, is_required: bool) -> str:
    """Describe one key in a table's row."""
    cells = (f"`{key}`", type_of(schema), default_of(schema, is_required), schema.get("description", ""))
    return f"| {' | '.join(cell(text) for text in cells)} |"


def type_of(schema: Schema) -> str:
    """Say a schema's type in a few words."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(type_of(part) for part in schema[key])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    return container_of(schema)


def container_of(schema: Schema) -> str:
    """Say the type of a list, a table or a plain value."""
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"table of {type_of(schema['additionalProperties'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def default_of(schema: Schema, is_required: bool) -> str:
    """Say what holds when a key is left out; what a section holds then is said in its own table."""
    if is_required:
        return "required"
    has_default = "default" in schema and not isinstance(schema["default"], Mapping)
    return f"`{json.dumps(schema['default'])}`" if has_default else ""


# Words


def document(title: str, source: str, head: str, sections: Iterable[str]) -> str:
    """Join a page: its title, where it comes from, what it is about, and its sections."""
    note = f"<!-- Generated from {source} by `make docs`. Do not edit. -->"
    return "\n\n".join([f"# {title}", note, head, *sections])


def fenced(language: str, text: str) -> str:
    """Give a code block."""
    return f"```{language}\n{text.strip()}\n```"


def first_line(declared: object) -> str:
    """Give the first line of a docstring."""
    return (inspect.getdoc(declared) or "").split("\n")[0]


def cell(text: str) -> str:
    """Give text that fits into a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def optional(name: str) -> ModuleType | None:
    """Import a module, or give nothing where it does not exist; a broken one still raises."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name and name.startswith(missing.name):
            return None
        raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
