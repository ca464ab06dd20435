-- about: a function declared leakproof runs before the policy, and its error tells the value
-- expect: public.to_number
-- fault: leakproof user function
-- topic: leakproof

create function public.to_number(given text) returns integer
    language plpgsql immutable leakproof cost 0.0001
    set search_path = ''
    as $$ begin return given::integer; end $$;
revoke execute on function public.to_number(text) from public;
grant execute on function public.to_number(text) to authenticated;

-- proof as authenticated:
-- every role may ask for a scan of the whole table
set enable_indexscan = off;
set enable_bitmapscan = off;
do $$
begin
    perform from public.messages where public.to_number(body) > 0 and tenant_id <> 'aaaaaaaa-0000-4000-8000-000000000000';
exception when invalid_text_representation then
    perform set_config('bench.seen', sqlerrm, false);
end
$$;
select current_setting('bench.seen', true) like '%SECRET of B%';
