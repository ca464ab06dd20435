"""A database whose clients come through PostgREST: roles, users, and who asks."""

from __future__ import annotations

PLATFORM = """
do $$ begin create role anon nologin; exception when duplicate_object then null; end $$;
do $$ begin create role authenticated nologin; exception when duplicate_object then null; end $$;
create schema auth;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable as
    $$ select (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $$;
create function auth.jwt() returns json language sql stable as
    $$ select nullif(current_setting('request.jwt.claims', true), '')::json $$;
grant usage on schema auth to anon, authenticated;
"""
GRANTS = """
grant select, insert, update, delete on all tables in schema public to anon, authenticated;
"""
