-- about: a function runs with the rights of its owner and forgets the tenant
-- expect: public.find_customers
-- fault: security definer function
-- topic: definer|another tenant|other tenant|function

create function public.find_customers(wanted text) returns setof public.customers
    language sql stable security definer
    set search_path = ''
    as $$ select * from public.customers where name ilike '%' || wanted || '%' $$;
revoke execute on function public.find_customers(text) from public;
grant execute on function public.find_customers(text) to authenticated;

-- proof as authenticated:
select exists (select from public.find_customers('') where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
