# Generated from tenancy.py by tools/sync.py; change that file instead.
"""What an application holds: one handle, through which every unit of work is somebody's.

with TenancySync.from_env() as tenancy:
    with tenancy.acting_for(tenant, actor=user, role="manager") as tx:
        tx.execute("insert into booking (guest) values (%s)", [guest])
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Self, TypeVar

from tenantry.blueprint.model import Blueprint
from tenantry.context.identity import Identity, current_identity
from tenantry.context.missing import Missing
from tenantry.context.opening import Opener, demanding
from tenantry.context.settings import blueprint_from, dsn_from, opener_of
from tenantry.context.startup import Ground, examined
from tenantry.context.token import Minter
from tenantry.session.begin import begin
from tenantry.session.breaker import Breaker
from tenantry.session.checkout_sync import Pool, Size
from tenantry.session.deadline import Deadlines
from tenantry.session.refused import ContextRefused, RetryLater, TenancyUnset, TenantMissing, UnitEnded
from tenantry.session.retry import Retry
from tenantry.session.thread import aside, sleep
from tenantry.session.unit_sync import Unit
from tenantry.session.wire import Statement

__all__ = ["TenancySync"]

Value = TypeVar("Value")
_SIZE, _DEADLINES, _RETRY = Size(), Deadlines(), Retry()


class TenancySync:
    """The way to one database on which ``tenantry apply`` has built the fence.

    Opening it refuses a login that could look past the fence, and a context that could be forged.
    """

    def __init__(
        self,
        dsn: str,
        blueprint: Blueprint | None = None,
        *,
        minter: Minter | None = None,
        size: Size = _SIZE,
        deadlines: Deadlines = _DEADLINES,
        retry: Retry = _RETRY,
        missing: Missing = Missing.REFUSE,
    ) -> None:
        self._dsn = dsn
        self._blueprint = blueprint or Blueprint()
        self._opener: Opener = opener_of(self._blueprint, minter, os.environ)
        self._size = size
        self._deadlines = deadlines
        self._retry = retry
        self._missing = missing
        self._breaker = Breaker()
        self._ground: Ground | None = None
        self._pool: Pool | None = None

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None, **options: Any) -> Self:
        """Make one of what the environment says: the database's URL, the key, the blueprint."""
        said = os.environ if environment is None else environment
        blueprint = blueprint_from(said)
        opener = opener_of(blueprint, options.pop("minter", None), said)
        return cls(dsn_from(said), blueprint, minter=getattr(opener, "minter", None), **options)

    def open(self) -> None:
        """Examine login, pooler and seal, then connect."""
        ground = aside(partial(examined, self._dsn, self._opener, self._deadlines))
        pool = Pool(self._dsn, self._size, self._deadlines, behind_pooler=ground.behind_pooler, breaker=self._breaker)
        pool.open()
        self._ground, self._pool = ground, pool

    def close(self) -> None:
        """Close every connection."""
        pool, self._pool = self._pool, None
        if pool:
            pool.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def behind_pooler(self) -> bool:
        """Say whether a pooler stands in front of the database."""
        return self._opened[0].behind_pooler

    @property
    def blueprint(self) -> Blueprint:
        """Give what the application declares."""
        return self._blueprint

    @property
    def is_open(self) -> bool:
        """Say whether login and seal were examined and units of work can be begun."""
        return self._pool is not None

    def answers(self) -> None:
        """Run an empty transaction of nobody; raises the refusal that a unit of work would meet now."""
        with self._opened[1].unit(tuple):
            pass

    @property
    def opener(self) -> Opener:
        """Give what opens contexts, for adapters whose connections are their own."""
        return self._opener

    @contextmanager
    def acting_for(
        self,
        tenant: object,
        *,
        actor: object = "",
        role: str | tuple[str, ...] = (),
        isolation: str = "",
        read_only: bool = False,
    ) -> Iterator[Unit]:
        """Give one transaction of a tenant. It is committed at the end of the block, rolled back on any error."""
        identity = Identity.of(tenant, actor=actor, role=role)
        opening = partial(self._opener.statements, identity)
        with self._opened[1].unit(opening, begin(isolation, read_only=read_only)) as unit:
            yield unit

    @contextmanager
    def connection(
        self, *, missing: Missing | None = None, isolation: str = "", read_only: bool = False
    ) -> Iterator[Unit]:
        """Give one transaction of whom ``acting_as`` names; where nobody is named, do as ``missing`` says."""
        opening = self._opening_for(current_identity(), Missing(missing or self._missing))
        try:
            with self._opened[1].unit(opening, begin(isolation, read_only=read_only)) as unit:
                yield unit
        except ContextRefused as refusal:
            if current_identity() is None:
                raise TenantMissing("The database refused work of no tenant.", sqlstate=refusal.sqlstate) from None
            raise

    def run(
        self,
        work: Callable[[Unit], Value],
        tenant: object,
        *,
        idempotent: bool = False,
        **options: Any,
    ) -> Value:
        """Do work for a tenant and give its value once it is committed.

        Declared idempotent, it is done again after a serialization failure or a deadlock, a bounded number of times.
        """
        pauses_s: Iterator[float] = self._retry.pauses_s() if idempotent else iter(())
        while True:
            try:
                with self.acting_for(tenant, **options) as unit:
                    value = work(unit)
            except RetryLater:
                pause_s = next(pauses_s, None)
                if pause_s is None:
                    raise
                sleep(pause_s)
            else:
                return value

    def _opening_for(self, identity: Identity | None, missing: Missing) -> Callable[[], tuple[Statement, ...]]:
        if identity is not None:
            return partial(self._opener.statements, identity)
        if missing is Missing.REFUSE:
            raise TenantMissing
        if missing is Missing.EMPTY:
            return tuple
        noun = self._opened[0].noun
        if not noun:
            raise TenancyUnset("The database has no tenantry.require_<noun>_context() to ask: run tenantry apply.")
        return partial(demanding, noun)

    @property
    def _opened(self) -> tuple[Ground, Pool]:
        if self._ground is None or self._pool is None:
            raise UnitEnded("The runtime is not open: use it as a context manager, or call open().")
        return self._ground, self._pool
