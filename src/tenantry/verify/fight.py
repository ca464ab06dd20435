"""How the attacks are fought: rows, subjects, relation by relation, state by state, world by world, then the whole.

Everything happens inside the transaction of the caller, who rolls it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg

from tenantry.blueprint.anchors import PLATFORM_SCHEMAS
from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import Ownership
from tenantry.blueprint.roles import names_in_rows
from tenantry.catalog.model import Catalog, Relation
from tenantry.catalog.privilege import can_any_column
from tenantry.errors import StatementStuck
from tenantry.sql.refusal import told
from tenantry.verify.attack import RelationAttack, Result, Target, database_attacks, relation_attacks
from tenantry.verify.conditions import readers, states
from tenantry.verify.interference import interference
from tenantry.verify.judge import Try, prefer
from tenantry.verify.model import (
    Finding,
    MutationResult,
    Skipped,
    Verb,
    Verdict,
)
from tenantry.verify.mutation import sabotage
from tenantry.verify.options import Options
from tenantry.verify.outside import Firing, fired_outside, uncalled, untried
from tenantry.verify.published import published
from tenantry.verify.sequences import hold_sequences
from tenantry.verify.setting_up import Cast, cast, with_probe
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.build import Builder
from tenantry.verify.synthesis.row import Side
from tenantry.verify.untried import untried as untried_states

__all__ = ["Fight", "attack_all"]

_MOST_TIMEOUTS = 3
_TABLE_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


@dataclass
class Fight:
    """What the attacks brought to light, while they run."""

    stage: Stage
    cast: Cast = field(default_factory=lambda: Cast((), (), (), ()))
    relations: tuple[Relation, ...] = ()
    fired: dict[tuple[int, Firing], str] = field(default_factory=dict)
    slow: dict[int, int] = field(default_factory=dict)
    untried: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tries: dict[tuple[str, str, str, str], Try] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    unproven: list[Skipped] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    mutations: list[MutationResult] = field(default_factory=list)

    def meet(self, askers: tuple[Asker, ...]) -> None:
        """Let these subjects attack from now on, and find the relations they could reach."""
        self.stage.askers = askers
        self.relations = _relations(self.stage)

    def note(self, came: Finding | Skipped) -> None:
        """Keep what an attack on the database as a whole found, or could not try."""
        if isinstance(came, Skipped):
            self.unproven.append(came)
        else:
            self.found.append(came)


def attack_all(
    connection: psycopg.Connection,
    catalog: Catalog,
    blueprint: Blueprint,
    owned: Ownership,
    options: Options,
    avoided: Mapping[str, str],
) -> Fight:
    """Build the rows, find the subjects, and try every attack; give what came of it.

    ``avoided`` names relations and attacks to leave alone, with the reason. Raises ``StatementStuck``, telling what
    was under way, when the server stops answering.
    """
    _bound_waits(connection, options)
    unheld = hold_sequences(connection)
    catalog = with_probe(connection, catalog, blueprint)
    stage = Stage(
        connection,
        catalog,
        blueprint,
        owned,
        call_outside=options.call_outside,
        second=options.second,
        avoided=avoided,
    )
    with _blaming(stage):
        return _fought(stage, unheld, options)


@contextmanager
def _blaming(stage: Stage) -> Iterator[None]:
    try:
        yield
    except StatementStuck as stuck:
        raise StatementStuck(f"{stuck.args[0]} It happened at {stage.doing}.", about=stage.doing) from stuck


def _fought(stage: Stage, unheld: list[Skipped], options: Options) -> Fight:
    options.progress("rows", 0, 1)
    named = names_in_rows(stage.catalog, stage.blueprint)
    builder = Builder(stage.connection, stage.catalog, stage.ownership, refuses=_refusal(stage), named=named)
    builder.begin()
    stage.world, stage.is_free = builder.world, builder.is_free
    builder.build()
    fight = Fight(stage, skipped=unheld)

    def attack_as(askers: tuple[Asker, ...]) -> None:
        fight.meet(askers)
        _attack_relations(fight, options, conditions={})

    fight.cast = cast(stage, builder, before_settings=attack_as)
    attack_as(fight.cast.askers)
    fight.skipped.extend(uncalled(stage))
    fight.unproven.extend(untried(stage))
    _tell_published(fight, builder, frozenset())
    fight.untried = untried_states(stage)
    _attack_in_states(fight, builder, options)
    # why: forged contexts make settings that no fresh session has, so the worlds are compared before
    _leave_alone(fight)
    _compare_worlds(fight, options)
    _attack_database(fight, options)
    # why: before sabotage, whose attacks leave questions of their own
    fight.unproven.extend([*_stuck_functions(stage), *stage.unproven])
    fight.skipped.extend(stage.skipped)
    if options.mutate:
        _sabotage(fight, options)
    return fight


def _stuck_functions(stage: Stage) -> list[Skipped]:
    titles = {routine.title for routine in stage.catalog.routines.values()}
    return [Skipped(f"function {title}", why) for title, why in stage.avoided.items() if title in titles]


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
    skipped = {oid for oid, table in stage.ownership.declared.items() if table.skip}
    return tuple(
        relation
        for relation in stage.catalog.tables
        if relation.oid not in skipped
        and (_is_the_teams(stage, relation) or relation.oid in stage.catalog.policies_of)
        and (
            stage.ownership.is_owned(relation.oid)
            or any(can_any_column(stage.catalog, role, relation, verb) for role in roles for verb in _TABLE_VERBS)
        )
    )


def _is_the_teams(stage: Stage, relation: Relation) -> bool:
    """Say whether a table is the team's own, also in a schema that platforms use: its rows then name a tenant."""
    if relation.schema not in PLATFORM_SCHEMAS:
        return True
    tenants = stage.catalog.relations.get(stage.ownership.anchors.tenants)
    owner = stage.ownership.owner_of(relation.oid)
    is_tenants = owner.kind is OwnerKind.TENANT and owner.is_direct and owner.path[0].is_declared
    return is_tenants and tenants is not None and tenants.schema not in PLATFORM_SCHEMAS


def _attack_relations(fight: Fight, options: Options, *, conditions: dict[int, dict[str, str]]) -> None:
    total = len(fight.stage.askers) * len(fight.relations)
    done = 0
    for asker in fight.stage.askers:
        with fight.stage.acting(asker):
            for relation in fight.relations:
                done += 1
                options.progress("attacks", done, total)
                _attack_relation(fight, asker, relation, tuple(sorted(conditions.get(relation.oid, ()))))


def _attack_relation(fight: Fight, asker: Asker, relation: Relation, conditions: tuple[str, ...]) -> None:
    for attack in relation_attacks():
        key = (relation.title, attack.code, asker.role.name, asker.name)
        before = fight.tries.get(key)
        if before is not None and before.result.verdict is Verdict.LEAK:
            continue
        result = _left_alone(fight, attack, relation) or _run(fight, attack, asker, relation)
        if result is not None:
            fight.tries[key] = prefer(before, Try(attack, asker, relation, result, conditions))


def _run(fight: Fight, attack: RelationAttack, asker: Asker, relation: Relation) -> Result | None:
    stage = fight.stage
    stage.doing, before = relation.title, stage.timeouts
    try:
        return attack.run(Target(stage, asker, relation))
    finally:
        fight.slow[relation.oid] = fight.slow.get(relation.oid, 0) + stage.timeouts - before


def _left_alone(fight: Fight, attack: RelationAttack, relation: Relation) -> Result | None:
    """Leave open what keeps the server busy, and what would fire effects that no rollback takes back."""
    if reason := fight.stage.avoided.get(relation.title):
        return Result(Verdict.UNPROVEN, reason)
    if fight.slow.get(relation.oid, 0) >= _MOST_TIMEOUTS:
        return Result(Verdict.UNPROVEN, f"{_MOST_TIMEOUTS} statements here ran out of time; the others were not tried")
    return _outside(fight, attack, relation)


def _outside(fight: Fight, attack: RelationAttack, relation: Relation) -> Result | None:
    if fight.stage.call_outside:
        return None
    verbs = Firing.READ if attack.verb is Verb.SELECT else Firing.WRITE
    key = (relation.oid, verbs)
    if key not in fight.fired:
        fight.fired[key] = fired_outside(fight.stage.catalog, relation, verbs)
    reason = fight.fired[key]
    return Result(Verdict.UNPROVEN, f"{reason}; --call-outside tries it all the same") if reason else None


def _refusal(stage: Stage) -> Callable[[Relation], str]:
    """Give what says why no row may be built in a table: it would fire what no rollback takes back."""

    def refusal(relation: Relation) -> str:
        stage.doing = relation.title
        if relation.title in stage.avoided or stage.call_outside:
            return stage.avoided.get(relation.title, "")
        return fired_outside(stage.catalog, relation, Firing.BUILD)

    return refusal


def _leave_alone(fight: Fight) -> None:
    """Take tables that fire something outside, or keep the server busy, from those the attacks to come choose from."""
    catalog, world = fight.stage.catalog, fight.stage.world
    loud = {
        one.oid
        for one in fight.relations
        if one.title in fight.stage.avoided
        or (not fight.stage.call_outside and fired_outside(catalog, one, Firing.WRITE))
    }
    fight.relations = tuple(one for one in fight.relations if one.oid not in loud)
    world.rows = {key: row for key, row in world.rows.items() if key[0] not in loud}


def _attack_in_states(fight: Fight, builder: Builder, options: Options) -> None:
    """Attack again with rows in the states that policies compare with, one state after the other."""
    for state in states(fight.stage.catalog, fight.stage.ownership):
        with fight.stage.undone():
            rows = dict(builder.world.rows)
            restated = _restate(fight, builder, state)
            everything, touched = fight.relations, readers(fight.stage.catalog, restated)
            fight.relations = tuple(relation for relation in everything if relation.oid in touched)
            known = frozenset(key for key, one in fight.tries.items() if one.result.verdict is Verdict.LEAK)
            _attack_relations(fight, options, conditions=restated)
            _tell_published(fight, builder, known)
            fight.relations, builder.world.rows = everything, rows


def _tell_published(fight: Fight, builder: Builder, known: frozenset[tuple[str, str, str, str]]) -> None:
    """Note of leaks that are not yet known whether they come and go with the state of what is read."""
    fresh = {key: one for key, one in fight.tries.items() if key not in known}
    for key, columns in published(fight.stage, builder, fresh).items():
        fight.tries[key] = replace(fight.tries[key], conditions=columns)


def _restate(fight: Fight, builder: Builder, state: dict[int, dict[str, str]]) -> dict[int, dict[str, str]]:
    held: dict[int, dict[str, str]] = {}
    for oid, wanted in state.items():
        relation = fight.stage.catalog.relations[oid]
        for side in (Side.MINE, Side.THEIRS):
            for column, value in wanted.items():
                if builder.restate(relation, side, {column: value}):
                    held.setdefault(oid, {})[column] = value
    return held


def _attack_database(fight: Fight, options: Options) -> None:
    attacks = (*database_attacks(), *options.also)
    for number, attack in enumerate(attacks, start=1):
        options.progress("forgeries", number, len(attacks))
        title = fight.stage.doing = f"attack {attack.code} {attack.name}"
        if reason := fight.stage.avoided.get(title):
            fight.unproven.append(Skipped(title, reason))
            continue
        try:
            with fight.stage.undone():
                for came in attack.run(fight.stage):
                    fight.note(came)
        except psycopg.DatabaseError as error:
            if fight.stage.connection.broken:
                raise
            fight.unproven.append(Skipped(title, told(error)))


def _compare_worlds(fight: Fight, options: Options) -> None:
    options.progress("two worlds", 0, 1)
    title = fight.stage.doing = "the comparison of two worlds"
    if reason := fight.stage.avoided.get(title):
        fight.unproven.append(Skipped(title, reason))
        return
    leaking = {
        (one.relation.title, one.asker.role.name) for one in fight.tries.values() if one.result.verdict is Verdict.LEAK
    }
    owned = [relation for relation in fight.relations if fight.stage.ownership.is_owned(relation.oid)]
    fight.found.extend(interference(fight.stage, owned, frozenset(leaking)))


def _sabotage(fight: Fight, options: Options) -> None:
    came = sabotage(fight.stage, fight.relations, fight.tries, fight.found, options.progress)
    fight.mutations.extend(came.results)
    fight.found.extend(came.findings)
    fight.unproven.extend(came.unproven)
    fight.skipped.extend(came.skipped)
