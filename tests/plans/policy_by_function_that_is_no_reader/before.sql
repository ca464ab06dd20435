-- The function reads a setting and a table, so it cannot answer from the context: the policy that calls it goes.
create role app_user login;
create table orgs (id uuid primary key);
create table members (org_id uuid not null references orgs, user_id uuid not null, primary key (org_id, user_id));
create function may_see(org uuid) returns boolean language sql stable as $$
    select exists (select from public.members
        where org_id = org and user_id = current_setting('app.user_id', true)::uuid) $$;
create table files (id uuid primary key, org_id uuid not null references orgs);
alter table files enable row level security;
create policy by_membership on files using (may_see(org_id));
grant select on files, members to app_user;
