-- case: a nullable tenant column
-- expect: tenant columns
create table public.entry (id int primary key, tenant_id uuid);

-- case: not null
-- expect: nothing
create table public.entry (id int primary key, tenant_id uuid not null);
