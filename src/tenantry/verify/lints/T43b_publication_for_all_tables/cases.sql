-- case: a publication for all tables
-- expect: case_out
create table public.booking (id int primary key, tenant_id uuid not null);
create publication case_out for all tables;

-- case: a publication of one table
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create publication case_out for table public.booking;
