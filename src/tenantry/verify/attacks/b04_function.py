"""Call every function the role may call, with the other tenant's keys and with one's own, in two worlds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Routine
from tenantry.catalog.privilege import can_execute
from tenantry.sql.name import quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.calls import calling, filled, is_callable, searching
from tenantry.verify.foreign import is_declared_open
from tenantry.verify.model import Finding, Kind, Level, Proof, Verb
from tenantry.verify.report.masking import masked
from tenantry.verify.report.wording import few
from tenantry.verify.sequence import Step
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side
from tenantry.verify.victims import Victims
from tenantry.verify.worlds import Answers, Question, compare

_SHORTEST_TELLING = 6


@dataclass(frozen=True)
class _Harm:
    """What a call brought about, the worst first by ``rank``."""

    rank: int
    level: Level
    words: str
    call: Step
    asker: Asker
    stolen: tuple[str, ...] = ()


def _run(stage: Stage) -> Iterator[Finding]:
    routines = [one for one in stage.catalog.routines.values() if is_callable(stage, one)]
    if not routines or not stage.askers:
        return
    harms: dict[tuple[int, int], list[_Harm]] = {}
    for oid, harm in [*_writes(stage, routines), *_answers(stage, routines)]:
        harms.setdefault((oid, harm.asker.role.oid), []).append(harm)
    existence = {key for key, found in harms.items() if all(harm.level is Level.NOTE for harm in found)}
    for key, found in harms.items():
        if key not in existence:
            yield _finding(stage.catalog.routines[key[0]], found)
    for role in dict.fromkeys(role for _, role in existence):
        told = sorted(stage.catalog.routines[oid].title for oid, one in existence if one == role)
        yield _existence(next(asker for asker in stage.askers if asker.role.oid == role), told)


def _calls(stage: Stage, routines: list[Routine]) -> Iterator[Question]:
    for asker in stage.askers:
        for routine in routines:
            if can_execute(stage.catalog, asker.role, routine):
                steps: dict[tuple[object, ...], Question] = {}
                for side in (Side.MINE, Side.THEIRS):
                    step = calling(routine, filled(stage, routine, side))
                    steps.setdefault(step.values, Question(asker, routine.oid, step, note=side))
                yield from steps.values()


# -- what it changes ------------------------------------------------------------------------------------


def _writes(stage: Stage, routines: list[Routine]) -> Iterator[tuple[int, _Harm]]:
    touched = {one.oid: _rows_written(stage, one) for one in routines if one.volatility == "v"}
    questions = [one for one in _calls(stage, routines) if touched.get(one.about)]
    for asker in stage.askers:
        with stage.acting(asker):
            for question in questions:
                if question.asker is asker:
                    words = _changed(stage, question, touched[question.about])
                    if words:
                        yield question.about, _Harm(0, Level.ERROR, words, question.step, asker)


def _changed(stage: Stage, question: Question, rows: list[Row]) -> str:
    victims = Victims(stage, rows)
    stage.doing, step = stage.catalog.routines[question.about].title, question.step
    return str(stage.attempt(step.statement, step.values, before=victims.count, look=victims.harm).seen or "")


def _rows_written(stage: Stage, routine: Routine) -> list[Row]:
    text = _text_of(stage, routine)
    writes = re.search(r"\b(insert|update|delete|merge|truncate|execute)\b", text, re.IGNORECASE)
    return _rows_named(stage, routine) if writes else []


def _text_of(stage: Stage, routine: Routine) -> str:
    return " ".join(one.source for one in routines_behind(stage.catalog, [routine.oid]))


def _rows_named(stage: Stage, routine: Routine) -> list[Row]:
    """Give the other tenant's rows in tables that the function or those it calls name."""
    words = set(re.findall(r"\w+", _text_of(stage, routine)))
    return [
        row
        for (oid, side), row in stage.world.rows.items()
        if side is Side.THEIRS and stage.ownership.is_owned(oid) and stage.catalog.relations[oid].name in words
    ]


# -- what it tells --------------------------------------------------------------------------------------


def _answers(stage: Stage, routines: list[Routine]) -> Iterator[tuple[int, _Harm]]:
    secrets = _telling_values(stage)
    for answers in compare(stage, [*_calls(stage, routines), *_searches(stage, routines)]):
        yield answers.question.about, _told(answers, secrets)


def _searches(stage: Stage, routines: list[Routine]) -> Iterator[Question]:
    """Search for a name that another tenant's row bears: asked for nothing, a function shows its first rows only."""
    for routine in routines:
        if routine.is_definer:
            named = [(stage.catalog.relations[row.relation], row) for row in _rows_named(stage, routine)]
            for step in [calling(routine, chosen) for chosen in searching(stage, routine, named)]:
                for asker in stage.askers:
                    if can_execute(stage.catalog, asker.role, routine):
                        yield Question(asker, routine.oid, step, note=Side.THEIRS)


def _told(answers: Answers, secrets: dict[str, str]) -> _Harm:
    question, asked = answers.question, " ".join(map(str, answers.question.step.values))
    text = " ".join([answers.present.message, *(str(value) for row in answers.present.rows for value in row)])
    told = {value: name for value, name in secrets.items() if value in text and value not in asked}
    stolen = tuple(f"{name} = {masked(value)}" for value, name in told.items())
    if stolen:
        return _Harm(1, Level.ERROR, "shows rows of another tenant", question.step, question.asker, stolen)
    if question.note == Side.MINE:
        return _Harm(
            2, Level.WARNING, "answers differently when another tenant has rows", question.step, question.asker
        )
    return _Harm(3, Level.NOTE, "tells, given another tenant's key, whether it has rows", question.step, question.asker)


def _telling_values(stage: Stage) -> dict[str, str]:
    """Give values only the other tenant's rows hold, with their columns."""
    shared = {v for (_, side), row in stage.world.rows.items() if side is not Side.THEIRS for v in row.values.values()}
    return {
        value: f"{stage.catalog.relations[oid].name}.{name}"
        for (oid, side), row in stage.world.rows.items()
        if side is Side.THEIRS
        and stage.ownership.is_owned(oid)
        and not is_declared_open(stage, stage.catalog.relations[oid])
        for name, value in row.values.items()
        if value
        and len(value) >= _SHORTEST_TELLING
        and value not in shared
        and not re.fullmatch(r"[\d\-:. +TZ]+", value)
    }


def _finding(routine: Routine, found: list[_Harm]) -> Finding:
    worst = min(found, key=lambda harm: harm.rank)
    role = quoted(worst.asker.role.name)
    whose = "with its owner's rights" if routine.is_definer else "with its caller's rights"
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=worst.level,
        kind=Kind.LEAK if worst.level is Level.ERROR else Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"The function {routine.title}, called by {worst.asker.title}, {worst.words}.",
        meaning=f"It runs {whose}; whoever may call it gets past the policies.",
        fix=f"-- bind what it reads and writes to the caller's tenant, or close it:\n"
        f"revoke execute on {'procedure' if routine.kind == 'p' else 'function'} {routine.title} from {role}, public;",
        relation=routine.title,
        verb=str(Verb.EXECUTE),
        role=worst.asker.role.name,
        subject=", ".join(sorted({harm.asker.name for harm in found})),
        statement=_shown(worst.call),
        stolen=worst.stolen[:6],
        objects=(routine.title,),
    )


def _existence(asker: Asker, told: list[str]) -> Finding:
    """Gather the functions that only tell whether something exists, so that they are one finding."""
    role = quoted(asker.role.name)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.NOTE,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{len(told)} functions, called by {asker.role.name}, tell, given another tenant's key, whether it has "
        f"rows: {few(told)}.",
        meaning="Who knows a key learns what exists elsewhere; often harmless, never needed.",
        fix="\n".join(f"revoke execute on function {title} from {role}, public;" for title in told),
        role=asker.role.name,
        subject=asker.name,
        objects=tuple(told),
    )


def _shown(step: Step) -> str:
    return step.statement if isinstance(step.statement, str) else step.statement.as_string(None)


ATTACK = DatabaseAttack(
    code="B04",
    name="rows_reached_by_function",
    claim="No function gives a caller another tenant's rows, or changes them.",
    expect="the same answer in both worlds, and the other tenant's rows unchanged",
    sabotage="create function app.every_title() returns setof text language sql stable security definer "
    "set search_path = pg_catalog, pg_temp as $$ select title from app.note $$; "
    "grant execute on function app.every_title() to app_role",
    run=_run,
    needs="a function the subject's role may call and that has no effect a rollback leaves behind",
)
