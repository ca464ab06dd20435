-- case: no path
-- expect: public.one()
create function public.one() returns int language plpgsql security definer as $$ begin return 1; end $$;

-- case: a path through a schema where the application's role may create
-- expect: public.one()
create schema case_scratch;
create role case_app_reader;
grant create on schema case_scratch to case_app_reader;
create function public.one() returns int language sql security definer set search_path = case_scratch, pg_temp
as $$ select 1 $$;

-- case: a trigger function is run by whoever writes
-- expect: public.one()
create table public.log (id int primary key);
create function public.one() returns trigger language plpgsql security definer as $$ begin return new; end $$;
revoke execute on function public.one() from public;
create trigger one after insert on public.log for each row execute function public.one();

-- case: an empty path, caller's rights, a body in standard SQL, and nobody to run it
-- expect: nothing
create role case_app_reader;
create function public.one() returns int language sql security definer set search_path = '' as $$ select 1 $$;
create function public.two() returns int language sql as $$ select 2 $$;
create function public.three() returns int language sql security definer begin atomic select 3; end;
create function public.four() returns int language sql security definer as $$ select 4 $$;
revoke execute on function public.four() from public;
