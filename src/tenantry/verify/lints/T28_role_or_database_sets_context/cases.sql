-- case: a role starts as a tenant
-- expect: case_app_reader
create role case_app_reader login;
alter role case_app_reader set app.tenant_id = '00000000-0000-4000-8000-000000000001';

-- case: every session of the database starts as a tenant
-- expect: app.tenant_id
do $$ begin execute format('alter database %I set app.tenant_id = %L', current_database(), 'one'); end $$;

-- case: the default is empty, or another setting, or of a role that is not held by policies anyway
-- expect: nothing
create role case_app_reader login;
alter role case_app_reader set app.tenant_id = '';
alter role case_app_reader set app.colour = 'red';
create role case_group;
alter role case_group set app.tenant_id = 'one';
create role case_backup login bypassrls;
alter role case_backup set app.tenant_id = 'one';
