-- case: a path without pg_temp
-- expect: "case Space"
create schema "case Space";
create function "case Space".one() returns int language sql security definer set search_path = public as $$ select 1 $$;

-- case: pg_temp last, or an empty path, or the system's
-- expect: nothing
create schema case_space;
create function case_space.one() returns int language sql security definer set search_path = public, pg_temp
as $$ select 1 $$;
create function case_space.two() returns int language sql security definer set search_path = '' as $$ select 2 $$;
create function case_space.three() returns int language sql security definer set search_path = pg_catalog
as $$ select 3 $$;
