"""How a database is verified, from the catalog to the report. The main flow of tenantry reads top to bottom here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import psycopg

from tenantry.blueprint.anchors import PLATFORM_SCHEMAS
from tenantry.blueprint.context import custom_settings
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.ownership import Ownership, ownership
from tenantry.blueprint.roles import choose_roles
from tenantry.catalog.model import Catalog, Relation
from tenantry.catalog.privilege import can_any_column
from tenantry.catalog.read import read
from tenantry.errors import NothingToVerify, ServerTooOld, TenantsUnknown
from tenantry.session.cursor import NameSafeCursor
from tenantry.verify import lint
from tenantry.verify.attack import RelationAttack, Result, Target, database_attacks, relation_attacks
from tenantry.verify.broken import blind_members, own_rows_unreadable
from tenantry.verify.conditions import readers, states
from tenantry.verify.facts import LintFacts, OwnedRelation
from tenantry.verify.interference import interference
from tenantry.verify.judge import Try, cells, findings, prefer
from tenantry.verify.model import (
    Cell,
    Finding,
    MutationResult,
    Report,
    RoleFact,
    ServerFact,
    Skipped,
    SubjectFact,
    Verb,
    Verdict,
)
from tenantry.verify.mutation import sabotage
from tenantry.verify.options import Options
from tenantry.verify.outside import Firing, fired_outside, uncalled
from tenantry.verify.production import signs_of_production
from tenantry.verify.rights import demand_rights, demand_writes
from tenantry.verify.sequences import hold_sequences
from tenantry.verify.setting_up import Cast, cast, with_probe
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.build import Builder
from tenantry.verify.synthesis.row import Side

__all__ = ["lint_only", "verify"]

_OLDEST = 150_000
_TABLE_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


def verify(connection: psycopg.Connection, blueprint: Blueprint, options: Options) -> Report:
    """Lint and attack a database. The connection must be in autocommit mode; everything is rolled back.

    A server that looks like production is linted only, and the report says that the attacks were ``refused``.
    Raises the errors of ``tenantry.errors`` where nothing can be said at all.
    """
    started = time.monotonic()
    connection.cursor_factory = NameSafeCursor
    catalog = _catalog(connection)
    owned = ownership(catalog, blueprint)
    if not owned.anchors.tenants and not owned.anchors.users:
        raise TenantsUnknown
    demand_rights(catalog, blueprint)
    signs = signs_of_production(catalog)
    if signs and not options.may_write:
        return replace(lint_only(connection, blueprint, options), refused="; ".join(signs))
    demand_writes(connection)
    linted, failed = _lint(connection, catalog, blueprint, owned, options)
    with connection.transaction(force_rollback=True):
        fought = _fight(connection, catalog, blueprint, owned, options)
    return replace(
        _report(fought, linted, failed),
        seconds=round(time.monotonic() - started, 2),
    )


def lint_only(connection: psycopg.Connection, blueprint: Blueprint, options: Options) -> Report:
    """Run the catalog lints alone, in a read-only transaction."""
    started = time.monotonic()
    catalog = _catalog(connection)
    owned = ownership(catalog, blueprint)
    found, failed = _lint(connection, catalog, blueprint, owned, options)
    return Report(
        server=_server(catalog),
        roles=_role_facts(catalog, blueprint),
        guesses=owned.guesses,
        findings=tuple(found),
        unproven=tuple(failed),
        lints_run=len(lint.discover()),
        seconds=round(time.monotonic() - started, 2),
    )


@dataclass
class _Fight:
    """What the attacks brought to light, while they run."""

    stage: Stage
    cast: Cast = field(default_factory=lambda: Cast((), (), (), ()))
    relations: tuple[Relation, ...] = ()
    tries: dict[tuple[str, str, str, str], Try] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    unproven: list[Skipped] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    mutations: list[MutationResult] = field(default_factory=list)

    def meet(self, askers: tuple[Asker, ...]) -> None:
        """Let these subjects attack from now on, and find the relations they could reach."""
        self.stage.askers = askers
        self.relations = _relations(self.stage)


def _catalog(connection: psycopg.Connection) -> Catalog:
    catalog = read(connection)
    if catalog.server.version_num < _OLDEST:
        raise ServerTooOld(f"The server is PostgreSQL {catalog.server.version}.")
    if not catalog.tables:
        raise NothingToVerify(f"The database {catalog.server.database} has no table of an application.")
    return catalog


def _lint(
    connection: psycopg.Connection, catalog: Catalog, blueprint: Blueprint, owned: Ownership, options: Options
) -> tuple[list[Finding], list[Skipped]]:
    options.progress("lints", 0, 1)
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        return lint.run_all(connection, _facts(catalog, blueprint, owned))


def _facts(catalog: Catalog, blueprint: Blueprint, owned: Ownership) -> LintFacts:
    anchors = owned.anchors
    relations = tuple(
        OwnedRelation(
            relid=oid,
            tenant_column=owner.columns[0] if owner.is_direct and len(owner.columns) == 1 else "",
            is_tenant_table=oid == anchors.tenants,
            is_user_table=oid == anchors.users,
        )
        for oid, owner in owned.owners.items()
        if owned.is_owned(oid) and catalog.relations[oid].schema not in PLATFORM_SCHEMAS
    )
    roles = tuple(choice.role.oid for choice in choose_roles(catalog, blueprint) if choice.is_attacked)
    return LintFacts(owned=relations, app_roles=roles, context_settings=custom_settings(catalog))


# -- the attacks --------------------------------------------------------------------------------------


def _fight(
    connection: psycopg.Connection, catalog: Catalog, blueprint: Blueprint, owned: Ownership, options: Options
) -> _Fight:
    _bound_waits(connection, options)
    unheld = hold_sequences(connection)
    catalog = with_probe(connection, catalog, blueprint)
    options.progress("rows", 0, 1)
    builder = Builder(connection, catalog, owned)
    builder.begin()
    stage = Stage(
        connection,
        catalog,
        blueprint,
        owned,
        builder.world,
        is_free=builder.is_free,
        call_outside=options.call_outside,
        second=options.second,
    )
    builder.build()
    fight = _Fight(stage, skipped=unheld)

    def attack_as(askers: tuple[Asker, ...]) -> None:
        fight.meet(askers)
        _attack_relations(fight, options, conditions={})

    fight.cast = cast(stage, builder, before_settings=attack_as)
    attack_as(fight.cast.askers)
    fight.skipped.extend(uncalled(stage))
    _attack_in_states(fight, builder, options)
    # why: forged contexts make settings that no fresh session has, so the worlds are compared before
    _compare_worlds(fight, options)
    _attack_database(fight, options)
    if options.mutate:
        _sabotage(fight, options)
    return fight


def _bound_waits(connection: psycopg.Connection, options: Options) -> None:
    for name, value in (
        ("statement_timeout", f"{options.statement_timeout_ms}ms"),
        ("lock_timeout", f"{options.lock_timeout_ms}ms"),
        ("idle_in_transaction_session_timeout", "5min"),
        # why: when this process dies in the middle of a statement, the server need not wait for its end
        ("client_connection_check_interval", "1s"),
    ):
        connection.execute("select pg_catalog.set_config(%s, %s, true)", [name, value])
    # why: a policy that asks itself fails at this depth, after seconds where the server allows more (superusers only)
    connection.execute(
        "select pg_catalog.set_config('max_stack_depth', '500kB', true) from pg_catalog.pg_roles "
        "where rolname = current_user and rolsuper "
        "and pg_catalog.pg_size_bytes(current_setting('max_stack_depth')) > 512000"
    )


def _relations(stage: Stage) -> tuple[Relation, ...]:
    """Give the tables worth attacking: those an attacked role holds any right on, and every owned one of the team's."""
    roles = {asker.role.oid: asker.role for asker in stage.askers}.values()
    skipped = {name.replace('"', "") for name, table in stage.blueprint.tables.items() if table.skip}
    return tuple(
        relation
        for relation in stage.catalog.tables
        if f"{relation.schema}.{relation.name}" not in skipped
        and (relation.schema not in PLATFORM_SCHEMAS or relation.oid in stage.catalog.policies_of)
        and (
            stage.ownership.is_owned(relation.oid)
            or any(can_any_column(stage.catalog, role, relation, verb) for role in roles for verb in _TABLE_VERBS)
        )
    )


def _attack_relations(fight: _Fight, options: Options, *, conditions: dict[int, dict[str, str]]) -> None:
    total = len(fight.stage.askers) * len(fight.relations)
    done = 0
    for asker in fight.stage.askers:
        with fight.stage.acting(asker):
            for relation in fight.relations:
                done += 1
                options.progress("attacks", done, total)
                _attack_relation(fight, asker, relation, tuple(sorted(conditions.get(relation.oid, ()))))


def _attack_relation(fight: _Fight, asker: Asker, relation: Relation, conditions: tuple[str, ...]) -> None:
    for attack in relation_attacks():
        key = (relation.title, attack.code, asker.role.name, asker.name)
        before = fight.tries.get(key)
        if before is not None and before.result.verdict is Verdict.LEAK:
            continue
        result = _outside(fight, attack, relation) or attack.run(Target(fight.stage, asker, relation))
        if result is not None:
            fight.tries[key] = prefer(before, Try(attack, asker, relation, result, conditions))


def _outside(fight: _Fight, attack: RelationAttack, relation: Relation) -> Result | None:
    """Leave open what would fire a trigger or a policy whose effects no rollback takes back."""
    if fight.stage.call_outside:
        return None
    verbs = Firing.READ if attack.verb is Verb.SELECT else Firing.WRITE
    reason = fired_outside(fight.stage.catalog, relation, verbs)
    return Result(Verdict.UNPROVEN, f"{reason}; --call-outside tries it all the same") if reason else None


def _attack_in_states(fight: _Fight, builder: Builder, options: Options) -> None:
    """Attack again with rows in the states that policies compare with, one state after the other."""
    for state in states(fight.stage.catalog, fight.stage.ownership):
        with fight.stage.undone():
            rows = dict(builder.world.rows)
            restated = _restate(fight, builder, state)
            everything, touched = fight.relations, readers(fight.stage.catalog, restated)
            fight.relations = tuple(relation for relation in everything if relation.oid in touched)
            _attack_relations(fight, options, conditions=restated)
            fight.relations, builder.world.rows = everything, rows


def _restate(fight: _Fight, builder: Builder, state: dict[int, dict[str, str]]) -> dict[int, dict[str, str]]:
    held: dict[int, dict[str, str]] = {}
    for oid, wanted in state.items():
        relation = fight.stage.catalog.relations[oid]
        for side in (Side.MINE, Side.THEIRS):
            for column, value in wanted.items():
                if builder.restate(relation, side, {column: value}):
                    held.setdefault(oid, {})[column] = value
    return held


def _attack_database(fight: _Fight, options: Options) -> None:
    attacks = database_attacks()
    for number, attack in enumerate(attacks, start=1):
        options.progress("forgeries", number, len(attacks))
        try:
            with fight.stage.undone():
                fight.found.extend(attack.run(fight.stage))
        except psycopg.DatabaseError as error:
            if fight.stage.connection.broken:
                raise
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            fight.unproven.append(Skipped(f"attack {attack.code} {attack.name}", f"{error.sqlstate}: {first}"))


def _compare_worlds(fight: _Fight, options: Options) -> None:
    options.progress("two worlds", 0, 1)
    leaking = {
        (one.relation.title, one.asker.role.name) for one in fight.tries.values() if one.result.verdict is Verdict.LEAK
    }
    owned = [relation for relation in fight.relations if fight.stage.ownership.is_owned(relation.oid)]
    fight.found.extend(interference(fight.stage, owned, frozenset(leaking)))


def _sabotage(fight: _Fight, options: Options) -> None:
    came = sabotage(fight.stage, fight.relations, fight.tries, fight.found, options.progress)
    fight.mutations.extend(came.results)
    fight.found.extend(came.findings)
    fight.unproven.extend(came.unproven)
    fight.skipped.extend(came.skipped)


# -- the report ---------------------------------------------------------------------------------------


def _report(fight: _Fight, linted: list[Finding], failed: list[Skipped]) -> Report:
    stage = fight.stage
    tries = [fight.tries[key] for key in sorted(fight.tries)]
    blind = blind_members(tries)
    proved = findings(stage.catalog, stage.ownership, _without_declared(stage, tries))
    matrix = [*_blinded(cells(tries), blind), *_cells_of(fight.found)]
    unproven = [*fight.cast.unopened, *_unproven(matrix), *fight.unproven, *failed]
    return Report(
        server=_server(stage.catalog),
        roles=tuple(RoleFact(c.role.name, c.is_attacked, c.reason) for c in fight.cast.roles),
        subjects=tuple(SubjectFact(a.role.name, a.name, a.opened_by, a.is_guess) for a in stage.askers),
        guesses=fight.cast.guesses,
        matrix=tuple(matrix),
        findings=(*proved, *fight.found, *own_rows_unreadable(stage.catalog, tries), *linted),
        unproven=tuple(unproven),
        skipped=tuple(fight.skipped),
        mutations=tuple(fight.mutations),
        attacks_run=stage.attacks_run,
        lints_run=len(lint.discover()),
    )


def _without_declared(stage: Stage, tries: Iterable[Try]) -> list[Try]:
    """Leave out what the blueprint declares to be open."""
    return [one for one in tries if not _is_declared(stage.blueprint, one)]


def _is_declared(blueprint: Blueprint, one: Try) -> bool:
    name = f"{one.relation.schema}.{one.relation.name}"
    table = next((table for key, table in blueprint.tables.items() if key.replace('"', "") == name), None)
    if table is None:
        return False
    return (one.attack.verb is Verb.SELECT and bool(table.public)) or (bool(table.shared) and table.writable)


def _blinded(matrix: Iterable[Cell], blind: frozenset[str]) -> list[Cell]:
    """Turn refusals to a member who saw no own row anywhere into open questions."""
    return [
        replace(cell, verdict=Verdict.UNPROVEN, evidence=f"the subject sees none of its own rows: {cell.evidence}")
        if cell.role in blind
        and cell.subject == "member"
        and cell.verdict is Verdict.DENIED
        and not cell.evidence.startswith(("no ", "ties no"))
        else cell
        for cell in matrix
    ]


def _cells_of(found: Iterable[Finding]) -> list[Cell]:
    """Give a cell for each leak that a database attack found on a relation of its own, such as a view."""
    return [
        Cell(one.relation, Verb(one.verb), one.role, one.subject, Verdict.LEAK, one.message)
        for one in found
        if one.relation and one.verb in set(Verb) - {Verb.EXECUTE} and one.kind == "leak"
    ]


def _unproven(matrix: Iterable[Cell]) -> list[Skipped]:
    """Count open questions by relation and reason, so that one missing row is one line."""
    open_cells: dict[tuple[str, str], list[str]] = {}
    for cell in matrix:
        if cell.verdict is Verdict.UNPROVEN:
            verbs = open_cells.setdefault((cell.relation, cell.evidence), [])
            verbs.append(f"{cell.verb} by {cell.role} ({cell.subject})")
    return [Skipped(f"{relation}: {', '.join(verbs)}", why) for (relation, why), verbs in open_cells.items()]


def _server(catalog: Catalog) -> ServerFact:
    server = catalog.server
    return ServerFact(server.version, server.version_num, server.database, server.user, server.is_superuser)


def _role_facts(catalog: Catalog, blueprint: Blueprint) -> tuple[RoleFact, ...]:
    return tuple(RoleFact(c.role.name, c.is_attacked, c.reason) for c in choose_roles(catalog, blueprint))
