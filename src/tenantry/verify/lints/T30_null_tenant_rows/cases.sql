-- case: null or the tenant who asks
-- expect: public.entry
create table public.entry (id int primary key, tenant_id uuid);
create policy reads on public.entry for select
using (tenant_id is null or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: the column cannot be null, or null rows are refused
-- expect: nothing
create table public.entry (id int primary key, tenant_id uuid not null);
create policy reads on public.entry for select
using (tenant_id is null or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create table public.booking (id int primary key, tenant_id uuid);
create policy reads on public.booking for select
using (tenant_id is not null and tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- case: a floor holds it
-- expect: nothing
create table public.entry (id int primary key, tenant_id uuid);
create policy reads on public.entry for select
using (tenant_id is null or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy floor on public.entry as restrictive
using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
