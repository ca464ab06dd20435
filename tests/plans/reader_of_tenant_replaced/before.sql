-- A function that reads the tenant from a setting answers from the context; the policy that calls it stays.
create role app_user login;
create table orgs (id uuid primary key);
create function current_org() returns uuid language sql stable
    as $$ select nullif(current_setting('app.current_org_id', true), '')::uuid $$;
create table projects (id uuid primary key, org_id uuid not null references orgs);
alter table projects enable row level security;
alter table projects force row level security;
create policy own_org on projects using (org_id = current_org()) with check (org_id = current_org());
grant select, insert on projects to app_user;
