-- about: the application may point foreign keys at a table, which tells whether a key exists
-- expect: public.customers
-- fault: references granted
-- topic: references

create schema scratch authorization authenticated;
grant references on public.customers to authenticated;

-- proof as authenticated:
create table scratch.guess (tenant_id uuid, id uuid,
    foreign key (tenant_id, id) references public.customers (tenant_id, id));
insert into scratch.guess values ('bbbbbbbb-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-00000000000c');
select true;
