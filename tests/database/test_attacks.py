"""Does every attack fail on a tight schema, and succeed once its defence is taken away? On both servers."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import psycopg
import pytest

from tenantry.blueprint.load import load
from tenantry.testing.databases import Database
from tenantry.verify.attack import DatabaseAttack, RelationAttack, database_attacks, relation_attacks
from tenantry.verify.model import Proof, Report
from tenantry.verify.options import Options
from tenantry.verify.run import verify

REFERENCE = resources.files("tenantry.verify")
ATTACKS: tuple[RelationAttack | DatabaseAttack, ...] = tuple(
    attack for attack in (*relation_attacks(), *database_attacks())
)

# The first releases that repair the server's own faults (research: 15.20 by test, the others by the same release day).
REPAIRED = {"B07": 20, "B15": 20, "B20": 20}

# The opener of the reference schema, with something more in it, as its caller.
OPENER = (
    "create or replace function app.enter(tenant uuid, actor uuid) returns void language plpgsql "
    "set search_path = pg_catalog, pg_temp as $$ begin perform set_config('backtrace_functions', "
    "'t' || replace(tenant::text, '-', '') || ',a' || replace(actor::text, '-', ''), true); %s end $$"
)

# Second ways through the same door: a defence whose removal another branch of the attack must notice.
MORE_SABOTAGE = {
    "B01 by materialised view": (
        "B01",
        "create materialized view app.titles as select title from app.note; grant select on app.titles to app_role",
    ),
    "B04 by deleting": (
        "B04",
        "create function app.forget(note_id uuid) returns void language sql security definer "
        "set search_path = pg_catalog, pg_temp as $$ delete from app.note_line where note_line.note_id = $1; "
        "delete from app.note where id = $1 $$; grant execute on function app.forget(uuid) to app_role",
    ),
    "B04 by planting": (
        "B04",
        "create function app.plant(tenant_id uuid) returns void language sql security definer "
        "set search_path = pg_catalog, pg_temp as $$ insert into app.note (tenant_id, title) values ($1, 'x') $$; "
        "grant execute on function app.plant(uuid) to app_role",
    ),
    "B09 stacked only": (
        "B09",
        "revoke execute on function pg_catalog.set_config(text, text, boolean) from public; "
        "alter policy note_floor on app.note "
        "using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))",
    ),
    "B26 by a view and another role": (
        "B26",
        "create role app_branch nologin; grant app_branch to app_role; grant usage on schema app to app_branch; "
        "create function app.role_tenant() returns uuid language sql immutable as $$ select case current_user "
        "when 'app_role' then substring(current_setting('backtrace_functions', true) from 't([0-9a-f]{32})')::uuid "
        "end $$; alter table app.note disable row level security; revoke all on app.note from app_role; "
        "create view app.my_notes as select * from app.note where tenant_id = app.role_tenant(); "
        "grant select on app.my_notes to app_role, app_branch",
    ),
    "B26 by a table, whose policy's function keeps a plan": (
        "B26",
        "create role app_branch nologin; grant app_branch to app_role; grant usage on schema app to app_branch; "
        "create function app.role_tenant() returns uuid language sql immutable as $$ select case "
        "current_setting('role') when 'app_role' then substring(current_setting('backtrace_functions', true) "
        "from 't([0-9a-f]{32})')::uuid end $$; "
        "create function app.who() returns uuid language plpgsql stable security definer "
        "set search_path = pg_catalog, pg_temp as $$ begin return app.role_tenant(); end $$; "
        "alter policy note_floor on app.note using (tenant_id = app.who()); "
        "grant select on app.note to app_branch; create policy branch on app.note to app_branch using (true)",
    ),
    "B11 by a temporary table": (
        "B11",
        OPENER % "create temporary table if not exists whoami (tenant uuid); insert into whoami values (tenant);",
    ),
    "B11 by a cursor": (
        "B11",
        OPENER % "if not exists (select from pg_cursors where name = 'mine') then "
        "execute format('declare mine cursor with hold for select %L::text', tenant); end if;",
    ),
    "B11 by a prepared statement": (
        "B11",
        OPENER % "if current_setting('transaction_read_only')::bool then "
        "execute format('prepare mine as select %L::text', tenant); end if;",
    ),
    "B11 by its role": ("B11", OPENER % "set role app_owner;"),
    "B02 by inserting": (
        "B02",
        "alter view app.note_view owner to current_user; alter view app.note_view set (security_invoker = false); "
        "grant insert on app.note_view to app_role",
    ),
    "B27 by a rule with a condition, instead": (
        "B27",
        "create table app.inbox (tenant_id uuid not null, id uuid primary key, title text); "
        "alter table app.inbox enable row level security; alter table app.inbox owner to app_owner; "
        "create rule forward as on insert to app.note where new.title <> '' "
        "do instead insert into app.inbox values (new.tenant_id, new.id, new.title)",
    ),
    "B27 by a rule that asks for a value": (
        "B27",
        "create table app.tally (tenant_id uuid primary key references app.tenant (id), notes int not null); "
        "alter table app.tally enable row level security; alter table app.tally owner to app_owner; "
        "create rule count_done as on update to app.note where new.title = 'done' and old.title <> 'done' "
        "do also update app.tally set notes = notes + 1",
    ),
    "B27 by a view's trigger": (
        "B27",
        "create view app.box as select tenant_id, title from app.note where false; "
        "create function app.unbox() returns trigger language plpgsql security definer "
        "set search_path = pg_catalog, pg_temp as $$ begin "
        "insert into app.note (tenant_id, title) values (new.tenant_id, new.title); return new; end $$; "
        "create trigger unbox instead of insert on app.box for each row execute function app.unbox(); "
        "grant insert on app.box to app_role",
    ),
    "B18 by temporary table": (
        "B18",
        "create function app.is_mine(tenant uuid) returns boolean language sql stable security definer "
        "set search_path = app as $$ select exists (select from member where member.tenant_id = tenant and "
        "member.person_id = (select substring(current_setting('backtrace_functions', true) "
        "from 'a([0-9a-f]{32})$')::uuid)) $$; grant execute on function app.is_mine(uuid) to app_role; "
        "alter policy note_floor on app.note using (app.is_mine(tenant_id)); "
        "do $$ begin execute format('grant temporary on database %I to app_role', current_database()); end $$",
    ),
}


@pytest.fixture
def verified(fresh_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Report]:
    """Give the function that sabotages a fresh reference schema and verifies it."""

    def run(sabotage: str) -> Report:
        database = fresh_database(REFERENCE.joinpath("reference.sql").read_text(encoding="utf-8"))
        if sabotage:
            database.execute(sabotage)
        blueprint = load(Path(str(REFERENCE.joinpath("reference.toml"))))
        with database.connect() as connection:
            before = digest(connection)
            report = verify(connection, blueprint, Options(may_write=True, second=database.connect))
            assert digest(connection) == before, "verifying left something behind"
        return report

    return run


DIGEST = """
select
    (select count(*) from pg_catalog.pg_class),
    (select count(*) from pg_catalog.pg_proc),
    (select count(*) from pg_catalog.pg_roles),
    (select pg_catalog.string_agg(policy::text, ',' order by policy::text) from pg_catalog.pg_policy as policy),
    (select count(*) from pg_catalog.pg_prepared_statements),
    (select pg_catalog.string_agg(known::text, ',' order by known::text) from pg_catalog.pg_sequences as known),
    (select count(*) from app.tenant), (select count(*) from app.note), (select count(*) from app.event)
"""


def digest(connection: psycopg.Connection) -> object:
    """Sum up everything an attack could leave behind."""
    return connection.execute(DIGEST).fetchone()


def is_repaired(connection_version: int, code: str) -> bool:
    return code in REPAIRED and connection_version // 10_000 == 15 and connection_version % 10_000 >= REPAIRED[code]


def named(attack: RelationAttack | DatabaseAttack) -> str:
    return f"{attack.code}_{attack.name}"


def test_no_attack_succeeds_on_the_reference_schema(verified: Callable[[str], Report]) -> None:
    report = verified("")
    assert [one for one in report.findings if one.proof is Proof.ATTACKED] == []
    assert [one for one in report.unproven if not one.what.startswith("lint ")] == []


def test_every_code_is_used_once() -> None:
    codes = [attack.code for attack in ATTACKS]
    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_an_attack_succeeds_once_its_defence_is_gone(
    attack: RelationAttack | DatabaseAttack, verified: Callable[[str], Report], server
) -> None:
    if is_repaired(server.version_num, attack.code):
        pytest.skip(f"{attack.code} needs a server without the repair")
    report = verified(attack.sabotage)
    found = [one for one in report.findings if one.code == attack.code and one.proof is Proof.ATTACKED]
    assert found, [one.message for one in report.findings]
    assert all(one.message and one.meaning and one.fix for one in found)


@pytest.mark.parametrize("name", MORE_SABOTAGE)
def test_an_attack_knows_more_than_one_way(name: str, verified: Callable[[str], Report]) -> None:
    code, sabotage = MORE_SABOTAGE[name]
    assert code in {one.code for one in verified(sabotage).findings}


def test_an_opener_that_a_second_connection_refuses_is_unproven(verified: Callable[[str], Report]) -> None:
    report = verified(OPENER % "if current_setting('transaction_read_only')::bool then raise 'no'; end if;")
    assert [one.why.split(":")[0] for one in report.unproven if "B11" in one.what] == ["P0001"]


def test_a_temporary_table_that_goes_with_its_transaction_is_no_residue(verified: Callable[[str], Report]) -> None:
    report = verified(OPENER % "create temporary table if not exists whoami on commit drop as select tenant;")
    assert "B11" not in {one.code for one in report.findings}
    assert [one.why.split(":")[0] for one in report.unproven if "B11" in one.what] == ["25006"]


def test_an_opener_is_not_run_for_good_where_no_rollback_takes_back_what_it_does(
    verified: Callable[[str], Report],
) -> None:
    outside = "perform pg_notify('entered', ''); perform set_config('app.tenant_id', tenant::text, false);"
    report = verified(OPENER % outside)
    assert ["sends a notification" in one.why for one in report.unproven if "B11" in one.what] == [True]
    assert "B11" not in {one.code for one in report.findings}


def test_a_setting_that_nobody_can_name_is_not_forged(verified: Callable[[str], Report]) -> None:
    asking = "coalesce(current_setting('app.', true), '') = ''"
    report = verified(f"create policy odd on app.note as restrictive using ({asking})")
    assert [one for one in report.findings if one.proof is Proof.ATTACKED] == []


def test_what_the_next_role_sees_by_itself_is_no_plan_kept(verified: Callable[[str], Report]) -> None:
    sabotage = next(attack.sabotage for attack in ATTACKS if attack.code == "B04")
    report = verified(
        f"{sabotage}; create role app_branch; grant app_branch to app_role; "
        "grant usage on schema app to app_branch; "
        "grant execute on function app.every_title() to app_branch"
    )
    assert "B26" not in {one.code for one in report.findings}


def test_a_rule_that_keeps_to_the_rows_tenant_is_left_alone(verified: Callable[[str], Report]) -> None:
    sabotage = next(attack.sabotage for attack in ATTACKS if attack.code == "B27")
    report = verified(f"{sabotage} where tally.tenant_id = new.tenant_id")
    assert "B27" not in {one.code for one in report.findings}
    assert [one for one in report.unproven if "B27" in one.what] == []


def test_a_plan_is_not_kept_by_functions_that_are_declared_stable(verified: Callable[[str], Report]) -> None:
    sabotage = next(attack.sabotage for attack in ATTACKS if attack.code == "B26")
    report = verified(sabotage.replace("immutable", "stable"))
    assert "B26" not in {one.code for one in report.findings}


def test_a_database_attack_makes_one_finding_however_many_tables(verified: Callable[[str], Report]) -> None:
    report = verified("grant trigger on all tables in schema app to app_role; grant create on schema app to app_role")
    planted = [one for one in report.findings if one.code == "B16"]
    assert len(planted) == 1
    assert len(planted[0].objects) > 3


def test_sequences_stand_still_though_functions_draw_from_them(
    fresh_database: Callable[[str], Database],
) -> None:
    sabotage = (
        "create table app.ticket (tenant_id uuid not null references app.tenant (id), id bigserial primary key); "
        "grant insert on app.ticket to app_role; "
        "create function app.draw(tenant_id uuid) returns void language sql security definer "
        "set search_path = pg_catalog, pg_temp as $$ insert into app.ticket (tenant_id) values ($1) $$; "
        "grant execute on function app.draw(uuid) to app_role"
    )
    database = fresh_database(REFERENCE.joinpath("reference.sql").read_text(encoding="utf-8") + sabotage)
    with database.connect() as connection:
        before = digest(connection)
        report = verify(connection, load(Path(str(REFERENCE.joinpath("reference.toml")))), Options(may_write=True))
        assert "B04" in {one.code for one in report.findings}
        assert digest(connection) == before
