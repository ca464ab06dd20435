-- case: a cascade on the id alone
-- expect: public.payment
create table public.booking (id int primary key, tenant_id uuid not null, unique (tenant_id, id));
create table public.payment (
    id int primary key, tenant_id uuid not null, booking_id int references public.booking on delete cascade
);

-- case: set null
-- expect: public.payment
create table public.booking (id int primary key, tenant_id uuid not null, unique (tenant_id, id));
create table public.payment (
    id int primary key, tenant_id uuid not null, booking_id int references public.booking on delete set null
);

-- case: the cascade stays in the tenant, or there is none
-- expect: nothing
create table public.booking (id int primary key, tenant_id uuid not null, unique (tenant_id, id));
create table public.payment (
    id int primary key, tenant_id uuid not null, booking_id int references public.booking,
    foreign key (tenant_id, booking_id) references public.booking (tenant_id, id) on delete cascade
);
