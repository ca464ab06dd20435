-- case: 18.6, still open to three of them
-- expect: server
create table public.booking (id int primary key, tenant_id uuid not null);
select set_config('tenantry.pretended_server_version_num', '180006', true);

-- case: the 15 line, of which every repair is known
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
select set_config('tenantry.pretended_server_version_num', '150018', true);

-- case: nothing to protect
-- expect: nothing
select set_config('tenantry.pretended_server_version_num', '180006', true);
