-- Tenants are named by text, in a column that is not called id.
create role app_user login;
create table workspaces (slug text primary key, name text);
create table boards (slug text not null, workspace_slug text not null references workspaces, primary key (slug));
grant select, insert on boards to app_user;
