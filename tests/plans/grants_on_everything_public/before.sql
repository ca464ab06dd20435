-- The schema lets everyone create and the database everyone make temporary tables: both end.
create role app_user login;
create table orgs (id uuid primary key);
grant create on schema public to public;
grant create on schema public to app_user with grant option;
grant select on orgs to app_user;
