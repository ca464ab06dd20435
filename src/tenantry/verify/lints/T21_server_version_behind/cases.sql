-- case: 15.18, which lacks the releases of August and November 2026
-- expect: server
create table public.booking (id int primary key, tenant_id uuid not null);
select set_config('tenantry.pretended_server_version_num', '150018', true);

-- case: 18.1
-- expect: server
create table public.booking (id int primary key, tenant_id uuid not null);
select set_config('tenantry.pretended_server_version_num', '180001', true);

-- case: 15.20
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
select set_config('tenantry.pretended_server_version_num', '150020', true);

-- case: nothing to protect
-- expect: nothing
select set_config('tenantry.pretended_server_version_num', '150001', true);
