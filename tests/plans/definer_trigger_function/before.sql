-- A trigger function is called by no one: it is taken from everyone and given to nobody.
create role app_user login;
create table orgs (id uuid primary key);
create table sales (id uuid primary key, org_id uuid not null references orgs);
create table audit (id bigint generated always as identity primary key, org_id uuid not null references orgs, what text);
create function note_sale() returns trigger language plpgsql security definer
    as $$ begin insert into audit (org_id, what) values (new.org_id, 'sale'); return new; end $$;
create trigger note_sale after insert on sales for each row execute function note_sale();
grant select, insert on sales to app_user;
