-- case: a role taken from user_metadata
-- expect: public.booking
create table public.booking (id int primary key, tenant_id uuid not null);
create policy admins on public.booking
using (current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'role' = 'admin');

-- case: app_metadata
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null);
create policy admins on public.booking
using (current_setting('request.jwt.claims', true)::jsonb -> 'app_metadata' ->> 'role' = 'admin');
