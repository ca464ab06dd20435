"""What a blueprint (tenantry.toml) may say. Every key's description here is its documentation."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "Blueprint",
    "Context",
    "Crossing",
    "Dismissal",
    "Isolation",
    "Membership",
    "Permissions",
    "Persona",
    "Planning",
    "Roles",
    "Subject",
    "Table",
    "Tenant",
    "Users",
]

Name = Annotated[str, StringConstraints(min_length=1)]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tenant(_Section):
    """Who the tenants are."""

    table: str = Field(default="", description="Table that lists the tenants, written as in SQL. Empty: no such table.")
    key: str = Field(default="", description="Its key column. Empty: the primary key.")
    columns: tuple[Name, ...] = Field(
        default=(),
        description="Names of columns that hold a tenant's key wherever they stand, such as org_id.",
    )


class Users(_Section):
    """Who acts for the tenants."""

    table: str = Field(default="", description="Table that lists the users, written as in SQL. Empty: none.")
    key: str = Field(default="", description="Its key column. Empty: the primary key.")
    columns: tuple[Name, ...] = Field(
        default=(),
        description="Names of columns that hold a user's key wherever they stand, such as user_id.",
    )


class Roles(_Section):
    """Which database roles are held to the fence, and which are trusted to stand outside it."""

    attack: tuple[Name, ...] = Field(default=(), description="Roles whose sessions serve tenants; all are attacked.")
    app: tuple[Name, ...] = Field(
        default=(),
        description="Roles of the application that plan makes where they are missing, and that may read and write the "
        "rows of their tenant; attacked like the others once they are there.",
    )
    background: tuple[Name, ...] = Field(
        default=(),
        description="Roles of background work, made and held like app; they alone may work across tenants, on tables "
        "whose crossing says so and with a token whose scope is crossing.",
    )
    reader: tuple[Name, ...] = Field(
        default=(), description="Roles made and held like app that may only read, such as for reports."
    )
    trusted: tuple[Name, ...] = Field(
        default=(), description="Roles that may see every tenant, such as for migrations; not attacked."
    )

    @property
    def writers(self) -> tuple[str, ...]:
        """Give the roles that plan makes and lets write."""
        return (*self.app, *self.background)

    @property
    def made(self) -> tuple[str, ...]:
        """Give the roles that plan makes where they are missing."""
        return (*self.app, *self.background, *self.reader)


class Context(_Section):
    """How the database knows which tenant a transaction serves, once apply has built it in."""

    profile: Literal["sealed", "signed", "plain"] = Field(
        default="sealed",
        description="sealed: a token is verified once a transaction and kept where only its owner may write (needs a "
        "superuser once); signed: the token is verified by every statement; plain: settings that any session can make.",
    )
    noun: str = Field(
        default="",
        description="The application's word for a tenant, as in current_<noun>_id(). Empty: from the tenants' table.",
    )
    tenant: str = Field(
        default="",
        description="plain only: setting that holds the tenant, or a claim in one: request.jwt.claims#app_metadata.org",
    )
    actor: str = Field(default="", description="plain only: setting or claim that holds the actor.")
    roles: str = Field(
        default="", description="plain only: setting or claim that holds the actor's personas, joined by commas."
    )
    internal: tuple[Name, ...] = Field(
        default=(), description="Roles that require_<noun>_context() lets work for no tenant."
    )


class Isolation(_Section):
    """What plan builds around tables."""

    unknown: Literal["refuse", "share"] = Field(
        default="refuse",
        description="Tables whose rows belong to nobody that can be told and of which [tables] says nothing: refuse to "
        "plan, or take them for shared by all tenants.",
    )
    columns: Literal["add", "keep"] = Field(
        default="add",
        description="add: tables whose rows belong to a tenant only through others get the tenant column, filled along "
        "their foreign key; keep: they are fenced by way of those others.",
    )
    policies: Literal["mend", "keep", "replace"] = Field(
        default="mend",
        description="What becomes of policies that the team wrote. mend: those go that ask a setting any session can "
        "make, or give more than personas have; keep: all stay beside the floor, which holds whatever they allow; "
        "replace: those that let rows through go, and within the floor grants and personas decide.",
    )
    keys: Literal["lead", "keep"] = Field(
        default="lead",
        description="lead: keys of tenants' tables, and foreign keys between them, start with the tenant column, so "
        "that one tenant's keys tell nothing of another's; keep: they stay as they are.",
    )


class Membership(_Section):
    """Who belongs to which tenant: asked in every statement, so that a token alone opens nothing for a stranger."""

    table: str = Field(
        default="",
        description="Table that lists which users belong to which tenants, written as in SQL. Empty: what a token says "
        "is believed.",
    )
    tenant: str = Field(default="", description="Its column that holds the tenant's key. Empty: the one that is told.")
    user: str = Field(
        default="", description="Its column that holds what tokens name as the actor. Empty: its foreign key to users."
    )
    role: str = Field(
        default="",
        description="Its column that holds the member's role. Where it is named, a context may claim no other roles.",
    )
    active: tuple[Name, ...] = Field(default=(), description="Its columns that must be true for a membership to count.")
    ended: tuple[Name, ...] = Field(default=(), description="Its columns that must be null for a membership to count.")
    states: dict[Name, tuple[Name, ...]] = Field(
        default={}, description="Its columns of which a membership must have one of the values, such as status."
    )
    without_actor: tuple[Name, ...] = Field(
        default=(),
        description="Database roles whose contexts may name no actor, such as for jobs and sign-ups; all others then "
        "see nothing.",
    )


class Permissions(_Section):
    """On which tables something may be done, named as in SQL; "*" stands for every table of tenants."""

    all: tuple[Name, ...] = Field(default=(), description="Tables on which everything below is allowed.")
    select: tuple[Name, ...] = Field(default=(), description="Tables whose rows may be read.")
    insert: tuple[Name, ...] = Field(default=(), description="Tables that rows may be added to.")
    update: tuple[Name, ...] = Field(default=(), description="Tables whose rows may be changed.")
    delete: tuple[Name, ...] = Field(default=(), description="Tables whose rows may be deleted.")

    def tables(self, verb: str) -> tuple[str, ...]:
        """Give the tables on which a verb is allowed."""
        return (*self.all, *getattr(self, verb))


class Persona(Permissions):
    """What a kind of actor may do within its tenant; with any persona declared, whatever is not said is refused."""

    own: Permissions = Field(
        default=Permissions(),
        description="The same for rows of the actor's own alone: those whose column [tables] actor holds the actor.",
    )


class Subject(_Section):
    """How one becomes somebody's actor. Values may hold {tenant}, {user}, {email} and {schema.table.column}."""

    role: Name = Field(description="Database role the statements run as.")
    name: Literal["member", "stranger", "nobody"] = Field(
        default="member",
        description="member acts for a tenant; stranger is signed in and belongs to none; nobody has no context.",
    )
    settings: dict[str, str] = Field(default={}, description="Settings made for the transaction, before the role.")
    sql: tuple[str, ...] = Field(
        default=(),
        description="Statements run before the role is taken; {placeholders} become bound parameters.",
    )
    channel: Literal["sql", "api"] = Field(
        default="sql",
        description="sql: the subject's client can send any statement; api: only what PostgREST or PostGraphile send.",
    )


class Crossing(_Section):
    """What background work may do with a table's rows of every tenant, with a token whose scope says so."""

    verbs: tuple[Literal["select", "insert", "update", "delete"], ...] = Field(
        description="Commands that may reach rows of every tenant."
    )
    reason: Name = Field(description="Why they have to.")

    @field_validator("verbs")
    @classmethod
    def _names_some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise PydanticCustomError("empty_list", "This is empty and so would do nothing")
        return value


class Table(_Section):
    """What one table holds, where the guess is wrong or silent."""

    owner: str = Field(
        default="", description="Column that leads to the owner, where neither names nor foreign keys tell."
    )
    shared: str = Field(default="", description="Reason why its rows belong to no tenant and everyone may read them.")
    writable: bool = Field(default=False, strict=True, description="Whether tenants may write a shared table as well.")
    public: str = Field(default="", description="Reason why tenants' rows here may be read by everyone.")
    withhold: tuple[Literal["insert", "update", "delete"], ...] = Field(
        default=(), description="Commands that plan takes from every role that serves tenants, such as insert."
    )
    policies: Literal["", "mend", "keep", "replace"] = Field(
        default="", description="The same as [isolation] policies, for this table alone. Empty: as said there."
    )
    read_only: tuple[Name, ...] = Field(
        default=(),
        description="Columns that no role which serves tenants may write, because the database fills them: so nobody "
        "can try keys that another tenant has, where a key cannot start with the tenant.",
    )
    search: tuple[Name, ...] = Field(
        default=(),
        description="Columns to search by operators that row security keeps from their index: text that contains, "
        "jsonb and arrays that hold (@>), tsvector that matches (@@). For each plan makes a function "
        "tenantry.search_<table>_<column>(), which gives the keys of the tenant's rows to join with.",
    )
    moves: str = Field(
        default="",
        description="Reason why its rows may change their tenant; otherwise plan makes that impossible for everyone.",
    )
    actor: str = Field(
        default="", description="Column that holds the user whose own row it is, for personas that have own rows here."
    )
    crossing: Crossing | None = Field(
        default=None, description="What [roles] background may do here with rows of every tenant; nothing if left out."
    )
    skip: str = Field(default="", description="Reason why the table is not verified at all; it is listed as skipped.")

    @field_validator("owner", "shared", "public", "moves", "actor", "skip")
    @classmethod
    def _says_something(cls, value: str) -> str:
        """Refuse what was written and left empty: it would silently do nothing."""
        if not value.strip():
            raise PydanticCustomError("empty", "This is empty and so would do nothing; say why, or leave the key out")
        return value

    @model_validator(mode="after")
    def _is_of_use(self) -> Table:
        if self.writable and not self.shared:
            raise PydanticCustomError("writable", 'writable = true goes with shared = "reason" and does nothing alone')
        return self


class Dismissal(_Section):
    """A finding that is accepted, why, and until when."""

    code: Name = Field(description="Code of the finding, such as T27 or A01.")
    relation: str = Field(default="*", description="Relation the dismissal is for; * for any.")
    reason: Name = Field(description="Why the finding is accepted.")
    until: date | None = Field(default=None, description="Last day of the dismissal; attacked errors need one.")

    @field_validator("until", mode="before")
    @classmethod
    def _is_a_day(cls, value: object) -> object:
        """Refuse what is no day as it stands: a number would be taken for seconds since 1970."""
        is_written = isinstance(value, str) and _DAY.fullmatch(value) is not None
        if value is None or is_written or type(value) is date:
            return value
        raise PydanticCustomError("day", "This is no day of the calendar")


class Planning(_Section):
    """What it takes to apply a plan."""

    approvals: int = Field(
        default=0,
        ge=0,
        le=20,
        description="How many people have to approve a plan file before apply takes it; 0 lets apply plan by itself.",
    )
    lifetime_h: int = Field(default=72, ge=1, le=8760, description="For how many hours a plan file can be applied.")


class Blueprint(_Section):
    """tenantry.toml: what a team declares about its database. Whatever is left out is guessed, and said so."""

    version: Literal[1] = Field(default=1, description="Version of this format.")
    tenant: Tenant = Field(default=Tenant(), description="The tenants.")
    users: Users = Field(default=Users(), description="The users.")
    roles: Roles = Field(default=Roles(), description="The database roles.")
    context: Context = Field(default=Context(), description="The tenant context that plan builds in.")
    isolation: Isolation = Field(default=Isolation(), description="What plan builds around tables.")
    plan: Planning = Field(default=Planning(), description="What it takes to apply a plan.")
    membership: Membership = Field(default=Membership(), description="The members, whom policies ask for.")
    personas: dict[Name, Persona] = Field(
        default={}, description="What kinds of actors may do within their tenant, by the role that tokens name."
    )
    subject: tuple[Subject, ...] = Field(default=(), description="How one becomes a tenant's actor; any number.")
    tables: dict[str, Table] = Field(
        default={}, description='Tables that need a word, named as in SQL: public.plans, "My Table".'
    )
    statements: tuple[str, ...] = Field(
        default=(),
        description="SELECT statements of the application, compared in two worlds by the non-interference check.",
    )
    dismiss: tuple[Dismissal, ...] = Field(default=(), description="Findings that are accepted.")
