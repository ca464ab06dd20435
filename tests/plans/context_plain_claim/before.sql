-- The profile "plain" with a claim of a token that a gateway puts into a setting.
create role app_user login;
create table orgs (id uuid primary key);
create table notes (id uuid primary key, org_id uuid not null references orgs);
grant select on notes to app_user;
