"""Which names a database may have that break careless tools, and a schema with a planted leak under each of them."""

from __future__ import annotations

from tenantry.sql.name import literal, quoted

NAMES = {
    "quotes": "a\"b'c`d",
    "spaces": " two  words ",
    "newline": "line\nbreak\r\tend",
    "emoji": "🧨🍕 مرحبا",
    "longest": "x" * 61 + "é",
    "reserved": "select",
    "upper": "UPPER",
    "percent": "100%",
    "placeholder": "%s %(name)s %% %t",
    "backslash": "back\\slash\\",
    "braces": "{tenant} {user} {{}}",
    "cdata": "]]>",
    "markup": "<script>alert(1)</script>&amp;",
    "escape": "\x1b[31mred\x07\x1b]0;t\x07",
    "comment": "-- x /* */ $$",
    "statement": "; drop table tenants; --",
    "dot": "a.b",
    "parameter": "$1 :name ?",
    "bidi": "\u202egnp\u200b",
    "pipe": "a|b [c](d) `e`",
}
ROLE = "ro\"le'%s {tenant}\n🧨\x1b[0m\\"
APP_ID = "nullif(current_setting('app.tenant_id', true), '')::uuid"


def leaking_schema() -> str:
    """Give SQL for one table under each name, all readable by every tenant, and one that is not."""
    role = quoted(ROLE)
    tables = "".join(_table(name, role) for name in NAMES.values())
    return f"""
        create role {role} nologin;
        create table public.tenants (id uuid primary key, name text not null);
        alter table public.tenants enable row level security;
        grant select on public.tenants to {role};
        create policy own on public.tenants using (id = {APP_ID});
        {tables}
    """


def titles() -> list[str]:
    """Give the leaking tables' names as a report writes them: the server's own quoting."""
    return [f"{_server_quoted(name)}.{_server_quoted(name)}" for name in NAMES.values()]


def _table(name: str, role: str) -> str:
    own, table = quoted(name), quoted(name, name)
    tenant, key, kind = (quoted(f"{name[:40]}_{part}") for part in ("t", "k", "e"))
    return f"""
        create schema {own};
        create type {own}.{kind} as enum ({literal(name)}, 'other');
        create table {table} (
            {key} integer primary key,
            {tenant} uuid not null references public.tenants,
            {own} {own}.{kind} not null,
            body text not null,
            constraint {own} check (length(body) > 0)
        );
        alter table {table} enable row level security;
        grant usage on schema {own} to {role};
        grant select, insert, update, delete on {table} to {role};
        create policy {own} on {table} for select using (true);
        create policy {quoted(name[:40] + "_w")} on {table} for insert with check ({tenant} = {APP_ID});
    """


def _server_quoted(name: str) -> str:
    """Quote as quote_ident does here: no name of the list is a plain lower-case word but for reserved ones."""
    return quoted(name)
