-- Guests, tables, holds and bookings.

create table public.customers (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    full_name text not null check (length(full_name) > 0),
    email public.email_address,
    email_normalised text generated always as (lower(email)) stored,
    phone text,
    notes text,
    is_vip boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (restaurant_id, email_normalised)
);
create index customers_name_idx on public.customers (restaurant_id, full_name);

create table public.dining_tables (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    label text not null,
    seats smallint not null check (seats between 1 and 30),
    is_outdoor boolean not null default false,
    unique (restaurant_id, label)
);

create table public.holds (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    created_by uuid references public.users (id),
    party_size smallint not null check (party_size between 1 and 60),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    expires_at timestamptz not null,
    status public.hold_status not null default 'active',
    guest_phone text,
    check (ends_at > starts_at)
);
create index holds_expiry_idx on public.holds (restaurant_id, expires_at);

create table public.table_hold_members (
    hold_id uuid not null references public.holds (id) on delete cascade,
    table_id uuid not null references public.dining_tables (id) on delete cascade,
    seats smallint not null check (seats > 0),
    primary key (hold_id, table_id)
);

create table public.bookings (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null default public.current_restaurant_id()
        references public.restaurants (id) on delete cascade,
    customer_id uuid not null references public.customers (id) on delete cascade,
    hold_id uuid references public.holds (id) on delete set null,
    reference text not null,
    service_date date not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    during tstzrange generated always as (tstzrange(starts_at, ends_at)) stored,
    party_size smallint not null check (party_size between 1 and 60),
    status public.booking_status not null default 'pending',
    special_requests text,
    created_by uuid references public.users (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (ends_at > starts_at),
    unique (restaurant_id, reference)
);
create index bookings_day_idx on public.bookings (restaurant_id, service_date);
create index bookings_customer_idx on public.bookings (customer_id);

create table public.booking_table_assignments (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    booking_id uuid not null references public.bookings (id) on delete cascade,
    table_id uuid not null references public.dining_tables (id),
    during tstzrange not null,
    assigned_at timestamptz not null default now(),
    constraint booking_table_assignments_no_double_booking
        exclude using gist (table_id with =, during with &&)
);
create index booking_table_assignments_booking_idx on public.booking_table_assignments (booking_id);

create table public.allocations (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    booking_id uuid not null references public.bookings (id) on delete cascade,
    section text not null default 'main',
    covers smallint not null check (covers > 0),
    server_name text,
    created_at timestamptz not null default now()
);
create index allocations_booking_idx on public.allocations (booking_id);

create table public.feedback (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    booking_id uuid references public.bookings (id) on delete set null,
    rating smallint not null check (rating between 1 and 5),
    comment text,
    is_published boolean not null default false,
    created_at timestamptz not null default now()
);
create index feedback_restaurant_idx on public.feedback (restaurant_id, created_at);

create trigger customers_touch before update on public.customers
    for each row execute function public.touch_updated_at();
create trigger bookings_touch before update on public.bookings
    for each row execute function public.touch_updated_at();
