-- case: a policy for the service role
-- expect: case_service
create role case_service bypassrls;
create table public.booking (id int primary key, tenant_id uuid not null);
create policy service on public.booking to case_service using (true);

-- case: a policy for an ordinary role
-- expect: nothing
create role case_clerk;
create table public.booking (id int primary key, tenant_id uuid not null);
create policy clerks on public.booking to case_clerk using (false);
