-- about: temporary tables outlive the tenant they were filled for on a pooled connection
-- expect: temporary
-- fault: temporary privilege
-- topic: \btemp

do $$
begin
    execute format('grant temporary on database %I to public', current_database());
end
$$;

-- proof as authenticated:
select set_config('request.jwt.claims', '{"tenant_id": "bbbbbbbb-0000-4000-8000-000000000000"}', false);
create temporary table basket as select * from public.invoices;
select set_config('request.jwt.claims', '{"tenant_id": "aaaaaaaa-0000-4000-8000-000000000000"}', false);
select exists (select from basket where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
