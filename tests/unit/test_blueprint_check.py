"""Is every fault of a blueprint told at its line, with what is wrong and what to write instead?

In each text the mark @ stands where the fault is told. None of this asks a database.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantry.blueprint.check import examined
from tenantry.blueprint.doubts import placeholders_in
from tenantry.blueprint.fault import Fault
from tenantry.blueprint.write import toml_string
from tenantry.cli.check import known
from tenantry.verify import subject

SOURCE = Path(__file__).parent.parent.parent / "src" / "tenantry" / "verify"
TODAY = date(2026, 6, 1)

NOT_TOML = {
    "an open header": ("@[tenant", "Close"),
    "an open list": ("a = [\n1,@", "Close the list"),
    "a section twice": ("[tenant]\nkey = 'id'\n@[tenant]\n", "under one header"),
    "a key twice": ("[tenant]\nkey = 'id'\n@key = 'id'\n", "once in its section"),
    "text without quotes": ("[tenant]\n@table = tenants\n", "text in quotes"),
    "text with a line end": ("[tenant]\n@table = 'tenants\nkey = 'id'\n", "three quotes"),
    "text that never ends": ("[tenant]\n@table = 'tenants\n", "Close"),
    "two keys on a line": ("[tenant]\n@table = 'a' key = 'b'\n", "one key a line"),
    "a colon": ("[tenant]\n@table: 'a'\n", 'key = "value"'),
    "a lone backslash": ('[tenant]\n@table = "a\\d"\n', "backslash twice"),
    "lists without end": ("@a = " + "[" * 5000 + "]" * 5000, "plain text"),
}

SHAPES = {
    "an unknown section": ("@colour = 1\n", "Write one of: version, tenant,"),
    "a section spelt wrong": ("\n@[tenants]\n", "Write tenant."),
    "a key spelt wrong": ("[tenant]\n# x\n@tabel = 'x'\n", "Write table."),
    "a key of another section": ("[tenant]\n@trusted = ['x']\n", "Write it under [roles]."),
    "a key of the top": ("[tenant]\nkey = 'a'\n@statements = []\n", "at the top of the file"),
    "a table's name with a dot": ("[tables]\n[@tables.public.plans]\nskip = 'old'\n", '[tables."public.plans"]'),
    "a number for text": ("[tenant]\n@table = 1\n", 'table = "1"'),
    "a truth for text": ("[tenant]\n@key = true\n", 'key = "true"'),
    "a day for text": ("[[dismiss]]\ncode = 'T27'\n@reason = 2030-01-01\n", 'reason = "2030-01-01"'),
    "a list for text": ("[tenant]\n@table = ['x']\n", "Write text in quotes"),
    "a number in a list": ("[tenant]\ncolumns = [\n  'a',\n  @7,\n]\n", '["7"]'),
    "a number in a setting": ("[[subject]]\nrole = 'a'\n@settings = { 'app.x' = 1 }\n", '"app.x" = "1"'),
    "text for a list": ("[roles]\n@attack = 'app'\n", 'attack = ["app"]'),
    "text for statements": ("@statements = 'select 1'\n", "statements = ["),
    "one bracket for two": ("\n@[subject]\nrole = 'app'\n", "[[subject]]"),
    "a value for a section": ("@tenant = 'tenants'\n", "[tenant], and its keys below"),
    "a value for a table": ("[tables]\n@plans = 'shared'\n", '[tables."plans"]'),
    "values for subjects": ("@subject = ['app']\n", "[[subject]]"),
    "two brackets for one": ("@[[tables]]\n", '[tables."public.plans"]'),
    "a list for settings": ("[[subject]]\nrole = 'a'\n@settings = ['app.x']\n", 'settings = { "app.tenant_id"'),
    "a missing role": ("version = 1\n@[[subject]]\nname = 'member'\n", 'role = "app"'),
    "a missing code": ("@[[dismiss]]\nreason = 'x'\n", 'code = "T27"'),
    "a missing reason": ("@[[dismiss]]\ncode = 'T27'\n", 'reason = "'),
    "another version": ("\n@version = 2\n", "Write 1."),
    "no such subject": ("[[subject]]\nrole = 'a'\n@name = 'king'\n", '"member", "stranger" or "nobody"'),
    "no such channel": ("[[subject]]\nrole = 'a'\n@channel = 'http'\n", '"sql" or "api"'),
    "no such profile": ("[context]\n@profile = 'open'\n", '"sealed", "signed" or "plain"'),
    "no such word for unknown tables": ("[isolation]\n@unknown = 'skip'\n", '"refuse" or "share"'),
    "text for a truth": ("[tables.a]\nshared = 'x'\n@writable = 'yes'\n", "true or writable = false"),
    "an empty name": ("[roles]\n@attack = ['']\n", "Write the name"),
    "an empty role": ("[[subject]]\n@role = ''\n", "Write the name"),
    "an empty reason to share": ("[tables.a]\n@shared = ''\n", "Say why"),
    "a blank reason to skip": ("[tables.a]\n@skip = ' '\n", "Say why"),
    "an empty reason to publish": ("[tables.a]\n@public = ''\n", "Say why"),
    "an empty reason to dismiss": ("[[dismiss]]\ncode = 'T27'\n@reason = ''\n", "Say why"),
    "an empty reason to move": ("[tables.a]\n@moves = ''\n", "Say why"),
    "crossing with no verbs": ("[tables.t.crossing]\n@verbs = []\nreason = 'x'\n", 'verbs = ["select"]'),
    "crossing without a reason": ("[tables.t]\n@crossing = { verbs = ['select'] }\n", 'reason = "'),
    "crossing with a wrong verb": ("[tables.t.crossing]\n@verbs = ['truncate']\nreason = 'x'\n", '"select"'),
    "crossing as text": ("[tables.t]\n@crossing = 'select'\n", "crossing = { verbs"),
    "an empty actor": ("[tables.a]\n@actor = ''\n", "Name the column"),
    "a verb of a persona spelt wrong": ("[personas.a]\n@selct = ['x']\n", "Write select."),
    "a verb of own rows spelt wrong": ("[personas.a.own]\n@updat = ['x']\n", "Write update."),
    "a table for a list of a persona": ("[personas.a]\n@select = '*'\n", 'select = ["*"]'),
    "an empty owner": ("[tables.a]\n@owner = ''\n", "Name the column"),
    "writable alone": ("[tables.a]\nowner = 'b'\n@writable = true\n", "Add shared ="),
    "no day": ("[[dismiss]]\ncode = 'T27'\nreason = 'x'\n@until = 'soon'\n", "without quotes"),
    "a day that is none": ("[[dismiss]]\ncode = 'T27'\nreason = 'x'\n@until = '2030-02-30'\n", "no day"),
    "a number for a day": ("[[dismiss]]\ncode = 'T27'\nreason = 'x'\n@until = 864000\n", "no day"),
    "a time for a day": ("[[dismiss]]\ncode = 'T27'\nreason = 'x'\n@until = 2030-01-01T10:00:00\n", "no day"),
}

CONTRADICTIONS = {
    "attacked and trusted": ("[roles]\nattack = ['a', 'b']\n@trusted = ['b']\n", "also in attack (line 2)"),
    "made for the application and trusted": ("[roles]\napp = ['a']\n@trusted = ['a']\n", "also in app (line 2)"),
    "background work that is trusted": ("[roles]\nbackground = ['a']\n@trusted = ['a']\n", "in background (line 2)"),
    "a reader that is the application": ("[roles]\napp = ['a']\n@reader = ['a']\n", "also in app (line 2)"),
    "background work as the application": ("[roles]\napp = ['a']\n@background = ['a']\n", "also in app (line 2)"),
    "a trusted subject": ("[roles]\ntrusted = ['a']\n[[subject]]\n@role = 'a'\n", "is trusted (line 2)"),
    "plain without a setting": ("[context]\n@profile = 'plain'\n", 'tenant = "app.tenant_id"'),
    "a setting and sealed": ("[context]\n@tenant = 'app.x'\n", "sealed profile reads no setting"),
    "an actor and signed": ("[context]\nprofile = 'signed'\n@actor = 'app.x'\n", "signed profile reads no setting"),
    "a noun that is too long": (f"[context]\n@noun = '{'x' * 48}'\n", "48 bytes"),
    "a blank noun": ("[context]\n@noun = ' '\n", "no word"),
    "shared and owned": ("[tables.a]\nowner = 'b'\n@shared = 'c'\n", "owner (line 2) and shared"),
    "shared and public": ("[tables.a]\nshared = 'b'\n@public = 'c'\n", "shared (line 2) and public"),
    "shared and moving": ("[tables.a]\nshared = 'b'\n@moves = 'c'\n", "shared (line 2) and moves"),
    "shared and searched": ("[tables.a]\nshared = 'b'\n@search = ['c']\n", "shared (line 2) and search"),
    "members of no table": ("@[membership]\nuser = 'user_id'\n", "no table of theirs"),
    "one column for both": ("[membership]\ntable = 'm'\ntenant = 'a'\n@user = 'a'\n", "the tenant's (line 3)"),
    "members without an actor": (
        "[context]\nprofile = 'plain'\ntenant = 'app.x'\n[membership]\n@table = 'm'\n",
        'actor = "app.user_id"',
    ),
    "true and null": ("[membership]\ntable = 'm'\n@active = ['a']\nended = ['a']\n", "also in ended"),
    "skipped and owned": ("[tables.a]\nskip = 'b'\n@owner = 'c'\n", "skip (line 2) and owner"),
    "skipped and shared": ("[tables.a]\nshared = 'b'\n@skip = 'c'\n", "shared (line 2) and skip"),
    "skipped and public": ("[tables.a]\nskip = 'b'\n@public = 'c'\n", "skip (line 2) and public"),
    "the tenants shared": ("[tenant]\ntable = 'Public.t'\n[tables.t]\n@shared = 'x'\n", "lists the tenants (line 2)"),
    "the tenants skipped": ("[tenant]\ntable = 't'\n[tables.'public.t']\n@skip = 'x'\n", "lists the tenants (line 2)"),
    "a table in quotes twice": (
        "[tables.'public.a']\nskip = 'x'\n[@tables.'public.\"a\"']\nskip = 'y'\n",
        '[tables."public.a"] (line 1)',
    ),
    "a table with its schema twice": ("[tables.A]\nskip = 'x'\n[@tables.'public.a']\nskip = 'y'\n", '"A"] (line 1)'),
}

CROSSING = "crossing = { verbs = ['select'], reason = 'x' }\n"
CONTRADICTIONS |= {
    "crossing by nobody": ("[tables.t]\n@" + CROSSING, 'background = ["app_worker"]'),
    "crossing without proof": (
        "[roles]\nbackground = ['b']\n[context]\nprofile = 'plain'\ntenant = 'a.b'\n[tables.t]\n@" + CROSSING,
        "Under the plain profile (line 4)",
    ),
    "crossing among shared rows": (
        "[roles]\nbackground = ['b']\n[tables.t]\nshared = 'x'\n@" + CROSSING,
        "shared table (line 4)",
    ),
}
PERSONA = "[personas.a]\n"
CONTRADICTIONS |= {
    "a persona with a comma": ('[@personas."a,b"]\nselect = ["*"]\n', 'personas."a_b"'),
    "personas that nothing proves": (
        "[context]\n@profile = 'plain'\ntenant = 'a.b'\n" + PERSONA + "all = ['*']\n",
        'roles = "app.roles"',
    ),
    "personas of a setting, and sealed": ("[context]\n@roles = 'a.b'\n", "sealed profile reads no setting"),
    "a shared table": (
        "[tables.t]\nshared = 'x'\n" + PERSONA + "select = [\n '*',\n @'public.t'\n]\n",
        "is shared (line 2)",
    ),
    "a command that is withheld": (
        "[tables.t]\nwithhold = ['insert']\n" + PERSONA + "all = ['t']\n@insert = ['t']\n",
        "withheld from every role (line 2)",
    ),
    "own rows of nobody": ("[personas.a.own]\n@select = ['t']\n", 'actor = "user_id" under [tables."t"]'),
    "own rows nowhere": ("[personas.a.own]\n@all = ['*']\n", "rows of their own"),
}

SUBJECT = "[[subject]]\nrole = 'a'\n"
DISMISS = "[[dismiss]]\ncode = 'T27'\nreason = 'x'\n"
DOUBTS = {
    "a role twice": ("[roles]\nattack = [\n  'a',\n  @'a',\n]\n", "named twice (line 3)"),
    "a word of SQL for a role": ("[roles]\n@app = ['public']\n", "no role that an application can have"),
    "a role of tenantry": ("[roles]\n@attack = ['tenantry_owner']\n", "no role that an application can have"),
    "a role that is cut": (f"[roles]\n@trusted = ['{'ä' * 32}']\n", "63 bytes"),
    "a column with its table": ("[tenant]\n@columns = ['public.a.org_id']\n", "alone: org_id"),
    "a column in quotes": ("[users]\n@columns = ['\"a\"']\n", "alone: a"),
    "a column of both": ("[tenant]\ncolumns = ['a']\n[users]\n@columns = ['a']\n", "[tenant] columns (line 2)"),
    "a subject twice": (SUBJECT + "@[[subject]]\nrole = 'a'\nname = 'member'\n", "there already (line 1)"),
    "a subject of an unlisted role": (
        "[roles]\nattack = ['app']\n" + SUBJECT.replace("'a'", "'app'") + "[[subject]]\n@role = 'ap'\n",
        "Write app, or add it there",
    ),
    "a role without a subject": (SUBJECT + "[roles]\n@attack = ['a', 'b']\n", 'role = "b"'),
    "a placeholder spelt wrong": (SUBJECT + "[subject.settings]\n'a.b' = 'x'\n@'a.c' = '{tennant}'\n", "{tenant}"),
    "a placeholder of two parts": (SUBJECT + '@sql = ["select {people.id}"]\n', "{schema.table.column}"),
    "nobody who is somebody": (SUBJECT + 'name = "nobody"\n@sql = ["select {user}"]\n', "names somebody"),
    "tenant and actor in one": (
        "[context]\nprofile = 'plain'\ntenant = 'a.b'\n@actor = 'a.b'\n",
        "read from the same place (line 3)",
    ),
    "a noun in capitals": ("[context]\n@noun = 'My Org'\n", "my_org"),
    "a setting without a dot": ("[context]\nprofile = 'plain'\n@tenant = 'tenant'\n", "app.tenant_id"),
    "a claim without a path": (
        "[context]\nprofile = 'plain'\ntenant = 'a.b'\n@actor = 'a.b#'\n",
        "request.jwt.claims#",
    ),
    "a statement that writes": ('statements = [\n  "select 1",\n  @"delete from a",\n]\n', "no SELECT"),
    "a statement that writes behind with": ('@statements = ["with a as (delete from b) select"]\n', "no SELECT"),
    "an empty statement": ('@statements = [""]\n', "no SELECT"),
    "two statements in one": ('@statements = ["select 1; select 2"]\n', "several"),
    "a statement with a placeholder": ("@statements = ['select * from a where b = {tenant}']\n", "without braces"),
    "a dismissal twice": (DISMISS + "@[[dismiss]]\ncode = 'T27'\nreason = 'y'\n", "already (line 1)"),
    "no such code": ("[[dismiss]]\nreason = 'x'\n@code = 't27'\n", "Write T27,"),
    "a blank reason to dismiss": ("[[dismiss]]\ncode = 'T27'\n@reason = ' '\n", "Say why"),
    "a relation without its schema": (DISMISS + "@relation = 'plans'\n", "public.plans"),
    "a dismissal that has expired": (DISMISS + "@until = 2026-05-31\n", "expired on 2026-05-31"),
    "a leak dismissed for ever": ("[[dismiss]]\n@code = 'A01'\nreason = 'x'\n", "Add until ="),
}

DOUBTS |= {
    "crossing to change what is not seen": (
        "[roles]\nbackground = ['b']\n[tables.t.crossing]\n@verbs = ['update']\nreason = 'x'\n",
        'Add "select"',
    ),
    "rows to change that cannot be read": (PERSONA + "select = ['b']\n@update = ['t']\n", "finds none"),
    "own rows among all": (
        "[tables.t]\nactor = 'u'\n" + PERSONA + "all = ['t']\n[personas.a.own]\n@select = ['public.t']\n",
        "with every row of public.t already",
    ),
    "a table that no persona names": ("[@tables.t]\nactor = 'u'\n" + PERSONA + "all = ['b']\n", "refused to all"),
}

FINE = {
    "nothing": "",
    "personas": (
        "[tables.t]\nactor = 'u'\n[personas.a]\nall = ['*']\n[personas.'b.c']\nselect = ['t']\n"
        "[personas.'b.c'.own]\nupdate = ['*']\n"
    ),
    "plain personas": "[context]\nprofile = 'plain'\ntenant = 'a.b'\nroles = 'a.c'\n[personas.a]\nall = ['*']\n",
    "an array in braces": SUBJECT + "sql = [\"select '{admin,staff}'::text[], '{1.5}'::numeric[]\"]\n",
    "claims in JSON": SUBJECT + 'settings = { \'request.jwt.claims\' = \'{"sub":"{user}","a":{}}\' }\n',
    "every placeholder": SUBJECT + "sql = ['select {tenant}, {user}, {email}, {tenant_hex}, {user_hex}, {a.b.c}']\n",
    "nobody with a role in its claims": SUBJECT + "name = 'nobody'\nsettings = { 'a.b' = '{\"role\":\"anon\"}' }\n",
    "member and nobody": SUBJECT + SUBJECT + "name = 'nobody'\n",
    "two schemas": "[tables.'a.x']\nskip = 'x'\n[tables.'b.x']\nskip = 'x'\n",
    "a name in capitals": "[tables.'\"A\"']\nskip = 'x'\n[tables.A]\nskip = 'x'\n",
    "users of the platform and one's own": "[tables.users]\nskip = 'x'\n[tables.'auth.users']\nskip = 'x'\n",
    "a public list of tenants": "[tenant]\ntable = 't'\n[tables.t]\npublic = 'a directory'\n",
    "plain with a claim": "[context]\nprofile = 'plain'\ntenant = 'request.jwt.claims#app_metadata.org'\n",
    "reading in other words": (
        'statements = ["with a as (select 1) select * from a;", "(values (1))", "table a", "-- why\\nselect 1",'
        ' "select \'delete from a; update b set c\'", "select * from a for update"]\n'
    ),
    "a dismissal on its last day": DISMISS + "until = 2026-06-01\n",
    "a leak dismissed until": DISMISS.replace("T27", "A01") + "until = 2026-07-01\n",
    "a day in quotes": DISMISS + "until = '2026-07-01'\n",
    "a code for two relations": DISMISS + "relation = 'public.a'\n" + DISMISS + "relation = '*.b'\n",
    "the database dismissed": DISMISS + "relation = ''\n",
    "the codes that no attack has alone": "".join(DISMISS.replace("T27", code) for code in ("A11", "M01", "N01")),
}


def faults(text: str) -> list[Fault]:
    found = examined(text.encode())
    return [*found.faults, *found.doubts(known(TODAY))]


def told_at(marked: str, word: str) -> None:
    """Check that one fault is told, at the line of the mark, and names the way out in whole sentences."""
    before, mark, after = marked.partition("@")
    found = faults(before + after)
    assert len(found) == 1, [fault.sentence("file") for fault in found]
    said = found[0].sentence("tenantry.toml")
    assert mark
    assert said.startswith(f"tenantry.toml:{before.count(chr(10)) + 1}: "), said
    assert word in said
    assert found[0].message.endswith(".")
    assert found[0].write.endswith(".")
    assert found[0].write[0].isupper()


@pytest.mark.parametrize(("marked", "word"), NOT_TOML.values(), ids=NOT_TOML.keys())
def test_what_is_not_toml_is_told_where_it_stops_being_so(marked: str, word: str) -> None:
    told_at(marked, word)
    found = examined(marked.replace("@", "").encode())
    assert found.blueprint is None
    assert found.places is None
    assert "This is not TOML" in found.faults[0].message


@pytest.mark.parametrize(("marked", "word"), SHAPES.values(), ids=SHAPES.keys())
def test_what_the_model_refuses_is_told_at_its_line(marked: str, word: str) -> None:
    told_at(marked, word)
    assert examined(marked.replace("@", "").encode()).blueprint is None


@pytest.mark.parametrize(("marked", "word"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_is_told_at_its_line_and_refused(marked: str, word: str) -> None:
    told_at(marked, word)
    assert examined(marked.replace("@", "").encode()).faults


@pytest.mark.parametrize(("marked", "word"), DOUBTS.values(), ids=DOUBTS.keys())
def test_a_doubt_is_told_at_its_line_and_refuses_nothing(marked: str, word: str) -> None:
    told_at(marked, word)
    assert not examined(marked.replace("@", "").encode()).faults


@pytest.mark.parametrize("text", FINE.values(), ids=FINE.keys())
def test_what_is_fine_is_not_doubted(text: str) -> None:
    assert [fault.sentence("file") for fault in faults(text)] == []


def test_a_file_that_is_no_text_is_told_at_its_line() -> None:
    found = examined(b"version = 1\n\n# \xff\n").faults
    assert [(fault.place.line, "UTF-8" in fault.write) for fault in found] == [(3, True)]


@pytest.mark.parametrize("depth", range(50, 1000, 50))
def test_no_depth_of_lists_is_too_much_to_be_told(depth: int) -> None:
    assert [fault.place.line for fault in examined(f"a = {'[' * depth}{']' * depth}".encode()).faults] == [1]


def test_line_ends_and_marks_of_windows_change_nothing() -> None:
    found = examined("\ufeffversion = 1\r\n[tenant]\r\ntabel = 'x'\r\n".encode()).faults
    assert [fault.place.line for fault in found] == [3]


def test_several_faults_are_told_in_the_order_of_the_file() -> None:
    text = "version = 2\n[[subject]]\nname = 'member'\n[roles]\nattack = 'a'\n[tenant]\ntabel = 1\n"
    assert [fault.place.line for fault in faults(text)] == [1, 2, 5, 7]


def test_every_code_that_a_finding_can_have_is_known() -> None:
    written = {
        code
        for file in SOURCE.rglob("*.py")
        for code in re.findall(r'code="([A-Z]\d+[a-z]?)"', file.read_text(encoding="utf-8"))
    }
    assert {"A01", "A10", "B27"} <= written
    assert written <= known(TODAY).codes


@settings(deadline=None)
@given(st.lists(st.sampled_from(["tenant", "user", "a.b.c", "a.b", "1.2.3", "{", "}", "email", " ", "x"])))
def test_a_placeholder_here_is_one_where_it_is_filled_in(parts: list[str]) -> None:
    text = "{" + "}{".join(parts) + "}"
    assert placeholders_in(text) == subject._HOLE.findall(text)


# -- one planted fault in any blueprint -------------------------------------------------------------------

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='."@'), min_size=1, max_size=8)
NOISE = st.lists(
    st.sampled_from(["", "# [roles]", "#= '", '   # """', "\t"]), max_size=3
)  # what stands between lines and says nothing

PLANTED = (
    ("tenant", ["[tenant]", "key = 'id'", "@tabel = 'x'"]),
    ("tenant", ["[tenant]", "columns = [", " 'a', # ]", " @3,", "]"]),
    ("users", ["[users]", "@table = ['''", "x''']"]),
    ("roles", ["[ roles ]", "trusted = [ # ]", "  't1', 't2',", "  @'t1',", "]"]),
    ("context", ["[context]", "@profile = 'plain'"]),
    ("subject", ["[[subject]]", "role = 's'", "settings = { 'a.b' = '{user}',@'a.c' = 4 }"]),
    ("subject", ["@[[subject]]", "name = 'nobody'"]),
    ("subject", ["[[subject]]", "role = 's2'", "[subject.settings]", "@x = '{tennant}'"]),
    ("tables", ["[tables.'far.too_long_to_be_drawn']", 'shared = """', "[tenant]", 'tabel = 1"""', "@skip = 'x'"]),
    ("tables", ["tables.'far.too_long_to_be_drawn'.owner = 'x'", "@tables.'far.too_long_to_be_drawn'.open = true"]),
    ("dismiss", ["[[dismiss]]", "code = 'T27'", "reason = 'r'", "@until = 2000-01-01"]),
    ("dismiss", ["[[dismiss]]", "@code = 'T00'", "reason = 'r'"]),
)


@st.composite
def blueprints(draw: st.DrawFn) -> tuple[str, int]:
    """Draw a blueprint with one planted fault, and the fault's line."""
    section, planted = draw(st.sampled_from(PLANTED))
    names = draw(st.lists(NAMES, max_size=3, unique_by=lambda name: name.strip().casefold()))
    sound = {
        "tenant": ["[tenant]", "table = '''", "public.tenants'''"],
        "users": ['["users"]', "columns = [ # '", "'u',", "]"],
        "context": ["[context]", "noun = 'org'"],
    }
    blocks = [block for name, block in sound.items() if name != section]
    blocks += [[f"[tables.{toml_string(name)}]", "public = 'x'"] for name in names]
    blocks += [["[[subject]]", f"role = {toml_string('r' + name)}", "sql = ['select {user}']"] for name in names]
    blocks += [
        ["[[dismiss]]", "code = 'T27'", f"relation = {toml_string('*' + name)}", "reason = 'x'"] for name in names
    ]
    blocks = draw(st.permutations(blocks))
    # why: dotted keys of the top stand before any section
    place = 0 if not planted[0].lstrip("@").startswith("[") else draw(st.integers(0, len(blocks)))
    blocks = [*blocks[:place], planted, *blocks[place:]]
    lines = [line for block in blocks for line in (*draw(NOISE), *block)]
    marked = "\n".join(lines)
    return marked.replace("@", ""), marked.partition("@")[0].count("\n") + 1


@settings(deadline=None)
@given(blueprints())
def test_a_planted_fault_is_told_at_its_line(drawn: tuple[str, int]) -> None:
    text, line = drawn
    assert [fault.place.line for fault in faults(text)] == [line], text


ODD_VALUES = ("''", "1", "true", "nan", "2030-01-01", "[]", "{}", "[[1], {}]", '"\\u0000"', "['a', 'a']", "{ a = {} }")
KEYS = (
    "tenant",
    "roles.trusted",
    "subject",
    "subject.role",
    "tables",
    "tables.a",
    "tables.a.skip",
    "dismiss",
    "''",
    "x",
)
LINES = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(ODD_VALUES)),
    st.sampled_from(KEYS).map("[{}]".format),
    st.sampled_from(KEYS).map("[[{}]]".format),
)


@settings(deadline=None)
@given(st.one_of(st.binary(), st.lists(LINES, max_size=4).map("\n".join).map(str.encode)))
def test_any_file_is_told_in_whole_sentences(data: bytes) -> None:
    found = examined(data)
    assert found.faults or found.blueprint
    for fault in (*found.faults, *found.doubts(known(TODAY))):
        assert fault.message.endswith(".")
        assert fault.write.endswith(".")
        assert 1 <= fault.place.line <= data.count(b"\n") + 1
