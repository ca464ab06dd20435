-- about: a counter shared by all tenants can be read, and tells how much business they do
-- expect: public.ticket_numbers
-- fault: sequence grants
-- topic: sequence|volume

create sequence public.ticket_numbers;
alter sequence public.ticket_numbers owner to app_owner;
alter table public.messages add column number bigint not null default nextval('public.ticket_numbers');
grant usage, select on sequence public.ticket_numbers to authenticated;

-- proof as postgres:
insert into public.messages (tenant_id, body) select 'bbbbbbbb-0000-4000-8000-000000000000', 'one of many' from generate_series(1, 40);

-- proof as authenticated:
select last_value >= 40 from public.ticket_numbers;
