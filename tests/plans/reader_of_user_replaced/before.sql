-- A function that reads the user from a setting answers with the actor.
create role app_user login;
create table orgs (id uuid primary key);
create table users (id uuid primary key, org_id uuid not null references orgs);
create function app_user_id() returns uuid language plpgsql stable
    as $$ begin return nullif(current_setting('app.user_id', true), '')::uuid; end $$;
create table drafts (
    id uuid primary key, org_id uuid not null references orgs, user_id uuid not null references users
);
alter table drafts enable row level security;
create policy mine on drafts using (user_id = app_user_id());
grant select, insert, update, delete on drafts, users to app_user;
