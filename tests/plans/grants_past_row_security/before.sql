-- GRANT ALL holds TRUNCATE, REFERENCES, TRIGGER and MAINTAIN, which no policy holds.
create role app_user login;
create role app_report;
create table orgs (id uuid primary key);
create table events (id uuid primary key, org_id uuid not null references orgs);
grant all on orgs, events to app_user;
grant truncate on events to app_report;
