-- case: set_config(.., false)
-- expect: public.open_tenant(tenant uuid)
create function public.open_tenant(tenant uuid) returns void language plpgsql security definer as $$
begin
    perform set_config('app.tenant_id', coalesce(tenant::text, ''), false);
end
$$;

-- case: for the transaction only, or another setting
-- expect: nothing
create function public.open_tenant(tenant uuid) returns void language plpgsql security definer as $$
begin
    perform set_config('app.tenant_id', coalesce(tenant::text, ''), true);
    perform set_config('work_mem', '64MB', false);
    update pg_temp.nothing set x = false;
end
$$;
