"""What an application holds that speaks to its database through asyncpg: the same promises as ``tenantry.tenancy``.

async with AsyncpgTenancy.from_env() as tenancy:
    async with tenancy.acting_for(tenant, actor=user, role="manager") as tx:
        await tx.execute("insert into booking (guest) values ($1)", guest)
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self
from weakref import WeakKeyDictionary

import asyncpg  # type: ignore[import-untyped]

from tenantry.adapters.asyncpg_unit import Unit
from tenantry.adapters.asyncpg_wire import sent_together
from tenantry.blueprint.model import Blueprint
from tenantry.context.identity import Identity, current_identity
from tenantry.context.missing import Missing
from tenantry.context.opening import Opener
from tenantry.context.settings import blueprint_from, dsn_from, opener_of
from tenantry.context.startup import Ground, examined
from tenantry.context.token import Minter
from tenantry.session import scrub
from tenantry.session.begin import begin
from tenantry.session.breaker import Breaker
from tenantry.session.checkout import Size
from tenantry.session.deadline import Deadlines
from tenantry.session.loop import Aside
from tenantry.session.refused import (
    ContextRefused,
    DatabaseUnavailable,
    OutcomeUnknown,
    PoolExhausted,
    Refusal,
    TenancyUnset,
    TenantMissing,
    UnitAborted,
    UnitEnded,
    refusal_for,
)
from tenantry.session.wire import Statement

__all__ = ["AsyncpgTenancy"]

_SIZE, _DEADLINES = Size(), Deadlines()
_NO_RIGHT, _ABORTED = "42501", "25P02"
_NOT_PREPARED = "26000"
# why without columns: asyncpg tells of a message's last statement how many rows it gave, and none of them
_PLANTED = b"; select from pg_catalog.pg_prepared_statements as one where one.from_sql"
_NONE_PLANTED = "SELECT 0"
_CANCEL_S = 1.0
_LOST = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, ConnectionError, OSError)
# why ahead of COMMIT: in a transaction that failed it fails too, where COMMIT would roll back without a word
_DEMAND_WHOLE = b"select 1; "


class AsyncpgTenancy:
    """The way to one fenced database through asyncpg. Opening it examines login, pooler and seal."""

    def __init__(
        self,
        dsn: str,
        blueprint: Blueprint | None = None,
        *,
        minter: Minter | None = None,
        size: Size = _SIZE,
        deadlines: Deadlines = _DEADLINES,
        missing: Missing = Missing.REFUSE,
    ) -> None:
        if missing is Missing.RAISE:
            raise TenancyUnset("Under asyncpg, missing is REFUSE or EMPTY.")
        self._dsn = dsn
        self._opener: Opener = opener_of(blueprint or Blueprint(), minter, os.environ)
        self._size = size
        self._deadlines = deadlines
        self._missing = missing
        self._breaker = Breaker()
        self._recovery = Aside(self._recovered)
        self._ground: Ground | None = None
        self._pool: Any = None
        self._prepared: WeakKeyDictionary[Any, dict[bytes, Any]] = WeakKeyDictionary()
        self._leaving: set[asyncio.Task[None]] = set()

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None, **options: Any) -> Self:
        """Make one of what the environment says, as ``Tenancy.from_env``."""
        said = os.environ if environment is None else environment
        blueprint = blueprint_from(said)
        opener = opener_of(blueprint, options.pop("minter", None), said)
        return cls(dsn_from(said), blueprint, minter=getattr(opener, "minter", None), **options)

    async def __aenter__(self) -> Self:
        ground = await asyncio.to_thread(partial(examined, self._dsn, self._opener, self._deadlines))
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=self._size.least,
            max_size=self._size.most,
            timeout=self._deadlines.connect_s,
            command_timeout=self._deadlines.statement_s,
            # why: behind a pooler the next transaction may meet a session that knows of no statement
            statement_cache_size=0 if ground.behind_pooler else 100,
            # why: the scrub travels with COMMIT; asyncpg's own would be a round trip more, and leave role and tables
            reset=_nothing_more,
        )
        self._ground = ground
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._recovery.stop()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        pool, self._pool = self._pool, None
        await pool.close()

    @property
    def is_open(self) -> bool:
        """Say whether login and seal were examined and units of work can be begun."""
        return self._pool is not None

    async def answers(self) -> None:
        """Run an empty transaction of nobody; raises the refusal that a unit of work would meet now."""
        async with self._unit(((begin(), ()),)):
            pass

    @asynccontextmanager
    async def acting_for(
        self,
        tenant: object,
        *,
        actor: object = "",
        role: str | tuple[str, ...] = (),
        isolation: str = "",
        read_only: bool = False,
    ) -> AsyncIterator[Unit]:
        """Give one transaction of a tenant. It is committed at the end of the block, rolled back on any error."""
        opening = self._opener.statements(Identity.of(tenant, actor=actor, role=role))
        async with self._unit(((begin(isolation, read_only=read_only), ()), *opening)) as unit:
            yield unit

    @asynccontextmanager
    async def connection(self, *, isolation: str = "", read_only: bool = False) -> AsyncIterator[Unit]:
        """Give one transaction of whom ``acting_as`` names; where nobody is named, do as ``missing`` says."""
        identity = current_identity()
        if identity is None and self._missing is Missing.REFUSE:
            raise TenantMissing
        opening = self._opener.statements(identity) if identity else ()
        async with self._unit(((begin(isolation, read_only=read_only), ()), *opening)) as unit:
            yield unit

    @asynccontextmanager
    async def _unit(self, statements: tuple[Statement, ...]) -> AsyncIterator[Unit]:
        lent = await self._begun(statements)
        unit = Unit(lent, self._deadlines.statement_s)
        try:
            yield unit
        except asyncpg.PostgresError as error:
            if _sqlstate(error) == _NOT_PREPARED:
                # why: the client counts on a statement that somebody took away, and would do so for every tenant
                self._discarded(lent, unit)
            else:
                await self._undone(lent, unit)
            raise _refused(error) from None
        except Exception:
            await self._undone(lent, unit)
            raise
        except BaseException:
            self._discarded(lent, unit)
            raise
        await self._committed(lent, unit)

    async def _begun(self, statements: tuple[Statement, ...]) -> Any:
        """Begin on a connection that answers; while none did, refuse at once and let one look aside."""
        if self._breaker.is_open:
            self._recovery.start()
            raise DatabaseUnavailable.until(self._breaker.pause_s)
        try:
            lent = await self._begun_on_one(statements)
        except DatabaseUnavailable:
            self._breaker.failed()
            self._recovery.start()
            raise
        except PoolExhausted:
            # why: who holds them all may be waiting for a server that hangs
            self._recovery.start()
            raise
        self._breaker.answered()
        return lent

    async def _recovered(self) -> None:
        """Ask on a connection of its own until the database answers, and nobody is kept from it any more."""
        if self._breaker.is_open:
            # why: where one connection hung, the others in the pool would hang one by one
            await self._pool.expire_connections()
        while True:
            try:
                await _asked(self._dsn, self._deadlines)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                self._breaker.failed()
                await asyncio.sleep(self._breaker.pause_s)
            else:
                self._breaker.answered()
                return

    async def _begun_on_one(self, statements: tuple[Statement, ...]) -> Any:
        for _ in range(self._size.most + 1):
            lent = await self._lent()
            try:
                await self._begin(lent, statements)
            except TimeoutError:
                self._discarded(lent)
                raise DatabaseUnavailable from None
            except (*_LOST, asyncpg.InterfaceError, asyncpg.InternalClientError):
                # why again: it broke while it lay in the pool, and nothing was done yet
                self._discarded(lent)
            except asyncpg.PostgresError as error:
                await self._undone(lent)
                raise _not_opened(error) from None
            except BaseException:
                self._discarded(lent)
                raise
            else:
                return lent
        raise DatabaseUnavailable

    async def _begin(self, lent: Any, statements: tuple[Statement, ...]) -> None:
        assert self._ground is not None
        before = tuple((_silent(part), ()) for part in scrub.PARTS) if self._ground.behind_pooler else ()
        connection = lent._con
        if connection.is_closed():
            raise ConnectionError
        prepared = self._prepared.setdefault(connection, {})
        await sent_together(connection, prepared, (*before, *statements), self._deadlines.begin_s)

    async def _lent(self) -> Any:
        if self._pool is None:
            raise UnitEnded("The runtime is not open: use it as a context manager.")
        try:
            return await self._pool.acquire(timeout=self._deadlines.checkout_s)
        except TimeoutError:
            is_exhausted = self._pool.get_idle_size() == 0 and self._pool.get_size() >= self._size.most
            raise (PoolExhausted if is_exhausted else DatabaseUnavailable) from None
        except (asyncpg.PostgresError, OSError):
            raise DatabaseUnavailable from None

    async def _committed(self, lent: Any, unit: Unit) -> None:
        unit.end()
        if not lent.is_in_transaction():
            self._discarded(lent)
            raise DatabaseUnavailable if lent._con.is_closed() else UnitEnded
        try:
            text = _DEMAND_WHOLE + scrub.commit_and_scrub() + _PLANTED
            told = await lent.execute(text.decode(), timeout=self._deadlines.commit_s)
        except asyncpg.InterfaceError:
            # why: something of this unit still runs on the connection
            self._discarded(lent)
            raise UnitEnded from None
        except (TimeoutError, *_LOST):
            self._discarded(lent)
            raise OutcomeUnknown from None
        except asyncpg.PostgresError as error:
            await self._undone(lent)
            raise (UnitAborted() if _sqlstate(error) == _ABORTED else _refused(error)) from None
        except BaseException:
            self._discarded(lent)
            raise
        await self._returned(lent, told)

    async def _returned(self, lent: Any, told: str) -> None:
        """Lend the session again, unless SQL prepared statements, which the next tenant could run as the client's."""
        if told == _NONE_PLANTED:
            await self._pool.release(lent)
        else:
            self._discarded(lent)

    async def _undone(self, lent: Any, unit: Unit | None = None) -> None:
        """Roll back and scrub; throw away what does not answer, or is still in use."""
        if unit:
            unit.end()
        if lent._con._protocol._is_cancelling():
            # why: a cancel that comes late would hit the next tenant's statement
            self._discarded(lent)
            return
        text = scrub.rollback_and_scrub() if lent.is_in_transaction() else scrub.scrub()
        try:
            told = await lent.execute((text + _PLANTED).decode(), timeout=self._deadlines.begin_s)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            self._discarded(lent)
        except BaseException:
            self._discarded(lent)
            raise
        else:
            await self._returned(lent, told)

    def _discarded(self, lent: Any, unit: Unit | None = None) -> None:
        """Cancel what the connection runs, close it, and let the pool make another; do not wait."""
        if unit:
            unit.end()
        task = asyncio.get_running_loop().create_task(_gone(lent, self._pool))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


async def _asked(dsn: str, deadlines: Deadlines) -> None:
    """Connect and run a statement; raises where that fails or takes too long."""
    async with asyncio.timeout(deadlines.connect_s):
        connection = await asyncpg.connect(dsn, statement_cache_size=0)
    try:
        await connection.execute("select 1", timeout=deadlines.begin_s)
    finally:
        connection.terminate()


async def _gone(lent: Any, pool: Any) -> None:
    """Give asyncpg's own cancel of the statement a moment, then close."""
    connection = lent._con
    if connection is None:
        return
    if under_way := tuple(connection._cancellations):
        await asyncio.wait(under_way, timeout=_CANCEL_S)
    connection.terminate()
    await pool.release(lent)


async def _nothing_more(_: Any) -> None:
    """Leave a connection as COMMIT or ROLLBACK and the scrub left it."""


def _silent(part: bytes) -> bytes:
    """Give a part of the scrub that gives no row: asyncpg would take it for one of the statement it waits for."""
    asked = part.removeprefix(b"select ")
    return part if asked == part else b"do $$ begin perform " + asked + b"; end $$"


def _refused(error: asyncpg.PostgresError) -> Refusal:
    said = error.as_dict()
    return refusal_for(
        _sqlstate(error),
        function=said.get("server_source_function") or "",
        constraint=said.get("constraint_name") or "",
        table=said.get("table_name") or "",
    )


def _sqlstate(error: Exception) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _not_opened(error: asyncpg.PostgresError) -> Refusal:
    return ContextRefused(sqlstate=_NO_RIGHT) if _sqlstate(error) == _NO_RIGHT else _refused(error)
