-- case: a table of tenants' rows is published whole
-- expect: case_out
create table public.booking (id int primary key, tenant_id uuid not null);
create publication case_out for table public.booking;

-- case: its schema is published
-- expect: "case Out"
create table public.booking (id int primary key, tenant_id uuid not null);
create publication "case Out" for tables in schema public;

-- case: one tenant's rows, and a table of nobody
-- expect: nothing
create table public.booking (tenant_id uuid primary key, id int not null);
create table public.country (code text primary key);
create publication case_out for table
    public.booking where (tenant_id = '00000000-0000-4000-8000-000000000001'), public.country;
