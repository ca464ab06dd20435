-- A body that was parsed when it was made finds no other names later: its path needs no pin.
create role app_user login;
create table orgs (id bigint primary key);
create table jobs (id bigint primary key, org_id bigint not null references orgs);
create function job_count() returns bigint language sql stable security definer
    begin atomic select count(*) from public.jobs; end;
