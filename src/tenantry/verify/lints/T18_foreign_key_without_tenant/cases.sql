-- case: a key on the id alone
-- expect: public.payment
create table public.booking (id int primary key, tenant_id uuid not null, unique (tenant_id, id));
create table public.payment (id int primary key, tenant_id uuid not null, booking_id int references public.booking);

-- case: the tenant is part of the key, or the other table lists the tenants
-- expect: nothing
create table public.tenant (tenant_id uuid primary key);
create table public.booking (id int primary key, tenant_id uuid not null, unique (tenant_id, id));
create table public.payment (
    id int primary key, tenant_id uuid not null references public.tenant, booking_id int,
    foreign key (tenant_id, booking_id) references public.booking (tenant_id, id)
);

-- case: keys to shared tables
-- expect: nothing
create table public.country (code text primary key);
create table public.payment (id int primary key, tenant_id uuid not null, country text references public.country);
