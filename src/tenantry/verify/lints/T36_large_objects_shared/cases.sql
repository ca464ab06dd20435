-- case: the application's role owns large objects
-- expect: case_app_reader
create role case_app_reader;
set local role case_app_reader;
select lo_create(0);
reset role;

-- case: a large object is granted to everybody
-- expect: public
do $$ begin execute format('grant select on large object %s to public', lo_create(0)); end $$;

-- case: a table of tenants' rows keeps large objects
-- expect: public.document
create table public.document (id int primary key, tenant_id uuid not null, content oid);

-- case: files in the row, and large objects of the administrator
-- expect: nothing
create role case_app_reader;
create table public.document (id int primary key, tenant_id uuid not null, content bytea);
select lo_create(0);
