-- A procedure and its overload are told apart by their arguments; another setting of the routine stays.
create role app_user login;
create table orgs (id bigint primary key);
create table jobs (id bigint primary key, org_id bigint not null references orgs, is_done boolean);
create procedure finish(job bigint) language sql security definer set work_mem = '8MB'
    as $$ update jobs set is_done = true where id = job $$;
create procedure finish(org bigint, note text) language sql security definer
    as $$ update jobs set is_done = true where org_id = org $$;
