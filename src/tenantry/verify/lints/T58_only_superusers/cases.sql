-- case: nobody else can log in
-- expect: login roles
do $$ declare role name; begin
    for role in select rolname from pg_catalog.pg_roles where rolcanlogin and not rolsuper and not rolbypassrls loop
        execute format('alter role %I bypassrls', role);
    end loop;
end $$;
create role case_app_reader;
create role case_backup login bypassrls;

-- case: the application has a login role of its own
-- expect: nothing
create role case_app_reader login;
