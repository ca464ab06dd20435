-- case: the statistics of statements are open to all, as their extension makes them
-- expect: public.pg_stat_statements
create view public.pg_stat_statements as select 1 as calls, 'select 1'::text as query;
grant select on public.pg_stat_statements to public;
create role case_app_reader;

-- case: a superuser's function shows what sessions do
-- expect: public.sessions()
create function public.sessions() returns setof text language sql security definer
as $$ select query from pg_catalog.pg_stat_activity $$;
create role case_app_reader;

-- case: a materialised view keeps what its owner saw
-- expect: public.sessions
create materialized view public.sessions as select pid, query from pg_catalog.pg_stat_activity with no data;
create role case_app_reader;
grant select on public.sessions to case_app_reader;

-- case: monitoring has a role of its own
-- expect: nothing
create view public.pg_stat_statements as select 1 as calls, 'select 1'::text as query;
create role case_app_reader;
create role case_watch;
grant select on public.pg_stat_statements to case_watch;

-- case: the server shows a view's reader, a caller and a role without rights no more than it may see
-- expect: nothing
create role case_app_reader;
create role case_owner;
create view public.sessions as select pid, query from pg_catalog.pg_stat_activity;
grant select on public.sessions to case_app_reader;
create function public.own_sessions() returns setof text language sql
as $$ select query from pg_catalog.pg_stat_activity $$;
create function public.few_sessions() returns setof text language sql security definer
as $$ select query from pg_catalog.pg_stat_activity $$;
alter function public.few_sessions() owner to case_owner;
create function public.all_sessions() returns setof text language sql security definer
as $$ select query from pg_catalog.pg_stat_activity $$;
revoke execute on function public.all_sessions() from public;
