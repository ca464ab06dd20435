-- case: everybody may create in public
-- expect: public
grant create on schema public to public;

-- case: an application role may
-- expect: public
revoke create on schema public from public;
create role case_app_reader;
grant create on schema public to case_app_reader;

-- case: an application role may, in a schema its own path names
-- expect: "case Space"
revoke create on schema public from public;
create schema "case Space";
create role case_app_reader;
alter role case_app_reader set search_path = "case Space", public;
grant create on schema "case Space" to case_app_reader;

-- case: only in a schema that nobody looks names up in
-- expect: nothing
revoke create on schema public from public;
create schema case_scratch;
create role case_app_reader;
grant create on schema case_scratch to case_app_reader;
