-- about: a booking may point at another tenant's customer, and goes when that customer goes
-- expect: public.bookings, bookings_customer_fkey
-- fault: foreign key without tenant, on delete cascade
-- topic: foreign|cascade|fkey|reference|oracle

alter table public.customers add constraint customers_id_key unique (id);
alter table public.bookings drop constraint bookings_customer_fkey;
alter table public.bookings add constraint bookings_customer_fkey
    foreign key (customer_id) references public.customers (id) on delete cascade;
create index on public.bookings (customer_id);

-- proof as authenticated:
insert into public.bookings (tenant_id, id, customer_id)
    values ('aaaaaaaa-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-0000000000b9', 'b0000000-0000-4000-8000-00000000000c');

-- proof as postgres:
delete from public.customers where id = 'b0000000-0000-4000-8000-00000000000c';
select not exists (select from public.bookings where id = 'a0000000-0000-4000-8000-0000000000b9');
