-- Everyone may read: the privilege goes, and those the application's role holds itself stay.
create role app_user login;
create table orgs (id uuid primary key);
create table events (id uuid primary key, org_id uuid not null references orgs);
grant select on orgs to public;
grant select, insert on events to public;
grant select on events to app_user;
