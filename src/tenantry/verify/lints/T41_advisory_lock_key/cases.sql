-- case: constant keys
-- expect: public.settle(), public.close_day(), public.count_up()
create function public.settle() returns void language sql as $$ select pg_advisory_xact_lock(42) $$;
create function public.close_day() returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('close day'));
end $$;
create function public.count_up() returns bool language sql begin atomic select pg_try_advisory_lock(1, 2); end;

-- case: the key comes from data
-- expect: nothing
create function public.settle(key bigint) returns void language sql as $$ select pg_advisory_xact_lock(key) $$;
create function public.close_day(tenant text) returns void language plpgsql as $$
begin
    -- not pg_advisory_lock(1)
    perform pg_advisory_xact_lock(1, hashtext(tenant));
end $$;
