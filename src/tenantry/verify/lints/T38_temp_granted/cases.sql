-- case: the default, everybody may
-- expect: public
create role case_app_reader;
do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$;

-- case: one application role may
-- expect: case_app_reader
create role case_app_reader;
create role case_app_writer;
do $$ begin
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant temporary on database %I to case_app_reader', current_database());
end $$;

-- case: nobody may
-- expect: nothing
create role case_app_reader;
do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$;
