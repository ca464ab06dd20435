-- case: functions without a path
-- expect: "case Space"
create schema "case Space";
create function "case Space".one() returns int language sql as $$ select 1 $$;
create procedure "case Space".two(value int) language plpgsql as $$ begin end $$;

-- case: a path, a body in standard SQL, and definer's rights (which is another lint)
-- expect: nothing
create schema case_space;
create function case_space.one() returns int language sql set search_path = '' as $$ select 1 $$;
create function case_space.two() returns int language sql begin atomic select 2; end;
create function case_space.three() returns int language sql security definer as $$ select 3 $$;
