"""Do the attacks say anything of the database as it is now that they did not say before?"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg

from tenantry.catalog.model import Relation
from tenantry.sql.refusal import told
from tenantry.verify.attack import DatabaseAttack, Target, database_attacks, relation_attacks
from tenantry.verify.judge import Try
from tenantry.verify.model import Finding, Kind, Skipped, Verdict
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker

__all__ = ["Key", "Known", "Watch"]

Key = tuple[str, str, str, str]

_Leaks = Generator[tuple[Key, int, str], None, None]

_NOT_HERE = frozenset({"B11"})  # asks by a second connection, which would wait for ever for what is locked here


@dataclass
class Known:
    """What the attacks said of the unweakened database: leaks by try, and the objects of each finding."""

    leaks: set[Key] = field(default_factory=set)
    leaking: set[int] = field(default_factory=set)
    objects: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, tries: Mapping[Key, Try], found: Iterable[Finding]) -> Known:
        """Gather it from a run's tries and findings."""
        leaks = {key: one for key, one in tries.items() if one.result.verdict is Verdict.LEAK}
        known = cls(set(leaks), {one.relation.oid for one in leaks.values()})
        for one in found:
            known.add(one)
        return known

    def add(self, one: Finding) -> None:
        """Keep a finding."""
        self.objects.setdefault(one.fingerprint, set()).update(one.objects)

    def is_news(self, one: Finding) -> bool:
        """Say whether a finding of leak or weakness, or an object in it, was not there before."""
        before = self.objects.get(one.fingerprint)
        return one.kind in (Kind.LEAK, Kind.WEAKNESS) and (before is None or not set(one.objects) <= before)


@dataclass
class Watch:
    """The attacks, looking at a weakened database. ``failed`` holds those that could not run on it."""

    stage: Stage
    known: Known
    failed: list[Skipped] = field(default_factory=list)

    def learn(self, relations: Sequence[Relation]) -> list[str]:
        """Attack with everything, keep what was not known, and give the attacks that said it."""
        told: list[str] = []
        for key, oid, name in self._leaks(relations, "", None):
            self.known.leaks.add(key)
            self.known.leaking.add(oid)
            told.append(name)
        for finding, name in self._news(database_attacks()):
            self.known.add(finding)
            told.append(name)
        return list(dict.fromkeys(told))

    def notices(
        self,
        relations: Sequence[Relation],
        *,
        first: Sequence[str] = (),
        only: bool = False,
        role: str = "",
        look_up: Callable[[], None] = lambda: None,
    ) -> str:
        """Give the code and name of the first attack that says something new, or nothing.

        Attacks in ``first`` come first, and with ``only`` no others do; subjects of ``role`` come first.
        ``look_up`` is called before attacks that need to know more of the catalog than who holds which right.
        """
        chosen = [one for one in database_attacks() if one.code in first]
        rest = [one for one in database_attacks() if one.code not in first and not only]
        if chosen:
            look_up()
        noticed = self._first_news(chosen)
        if not noticed and (not only or any(code.startswith("A") for code in first)):
            leaks = self._leaks(relations, role, frozenset(first) if only else None)
            noticed = next((name for _, _, name in leaks), "")
            leaks.close()
        if noticed or not rest:
            return noticed
        look_up()
        return self._first_news(rest)

    def _first_news(self, attacks: Iterable[DatabaseAttack]) -> str:
        news = self._news(attacks)
        noticed = next((name for _, name in news), "")
        # why: what the attack has under way is undone now, not when the generator is forgotten
        news.close()
        return noticed

    def _leaks(self, relations: Sequence[Relation], role: str, codes: frozenset[str] | None) -> _Leaks:
        for asker in sorted(self.stage.askers, key=lambda one: one.role.name != role):
            try:
                with self.stage.acting(asker):
                    yield from self._as(asker, relations, codes)
            except psycopg.DatabaseError as error:
                self._remember(f"subject {asker.title} on a weakened database", error)

    def _as(self, asker: Asker, relations: Sequence[Relation], codes: frozenset[str] | None) -> _Leaks:
        for relation in relations:
            now = self.stage.catalog.relations.get(relation.oid, relation)
            for attack in relation_attacks():
                key = (relation.title, attack.code, asker.role.name, asker.name)
                if key in self.known.leaks or (codes is not None and attack.code not in codes):
                    continue
                result = attack.run(Target(self.stage, asker, now))
                if result is not None and result.verdict is Verdict.LEAK:
                    yield key, relation.oid, f"{attack.code} {attack.name}"

    def _news(self, attacks: Iterable[DatabaseAttack]) -> Generator[tuple[Finding, str], None, None]:
        for attack in attacks:
            if attack.code in _NOT_HERE:
                continue
            try:
                with self.stage.undone():
                    for one in attack.run(self.stage):
                        if isinstance(one, Finding) and self.known.is_news(one):
                            yield one, f"{attack.code} {attack.name}"
            except psycopg.DatabaseError as error:
                self._remember(f"attack {attack.code} {attack.name} on a weakened database", error)

    def _remember(self, what: str, error: psycopg.DatabaseError) -> None:
        if self.stage.connection.broken:
            raise error
        one = Skipped(what, told(error))
        if one not in self.failed:
            self.failed.append(one)
