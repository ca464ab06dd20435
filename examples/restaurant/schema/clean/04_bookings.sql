-- Guests, tables, holds, bookings and the waiting list.

create table public.customers (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    full_name text not null check (length(full_name) > 0),
    email public.email_address,
    email_normalised text generated always as (lower(email)) stored,
    phone text,
    notes text,
    is_vip boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (restaurant_id, id),
    unique (restaurant_id, email_normalised)
);
create index customers_name_idx on public.customers (restaurant_id, full_name);

create table public.dining_tables (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    label text not null,
    seats smallint not null check (seats between 1 and 30),
    is_outdoor boolean not null default false,
    primary key (restaurant_id, id),
    unique (restaurant_id, label)
);

create table public.holds (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    created_by uuid,
    party_size smallint not null check (party_size between 1 and 60),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    expires_at timestamptz not null,
    status public.hold_status not null default 'active',
    guest_phone text,
    check (ends_at > starts_at),
    primary key (restaurant_id, id),
    foreign key (restaurant_id, created_by) references public.restaurant_members (restaurant_id, user_id)
        on delete set null (created_by)
);
create index holds_expiry_idx on public.holds (restaurant_id, expires_at);

create table public.table_hold_members (
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    hold_id uuid not null,
    table_id uuid not null,
    seats smallint not null check (seats > 0),
    primary key (restaurant_id, hold_id, table_id),
    foreign key (restaurant_id, hold_id) references public.holds (restaurant_id, id) on delete cascade,
    foreign key (restaurant_id, table_id) references public.dining_tables (restaurant_id, id) on delete cascade
);

create table public.bookings (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    customer_id uuid not null,
    hold_id uuid,
    reference text not null,
    service_date date not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    during tstzrange generated always as (tstzrange(starts_at, ends_at)) stored,
    party_size smallint not null check (party_size between 1 and 60),
    status public.booking_status not null default 'pending',
    special_requests text,
    created_by uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (ends_at > starts_at),
    primary key (restaurant_id, id),
    unique (restaurant_id, reference),
    foreign key (restaurant_id, customer_id) references public.customers (restaurant_id, id) on delete cascade,
    foreign key (restaurant_id, hold_id) references public.holds (restaurant_id, id) on delete set null (hold_id),
    foreign key (restaurant_id, created_by) references public.restaurant_members (restaurant_id, user_id)
        on delete set null (created_by)
);
create index bookings_day_idx on public.bookings (restaurant_id, service_date);
create index bookings_customer_idx on public.bookings (restaurant_id, customer_id);

create table public.booking_table_assignments (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    booking_id uuid not null,
    table_id uuid not null,
    during tstzrange not null,
    assigned_at timestamptz not null default now(),
    primary key (restaurant_id, id),
    foreign key (restaurant_id, booking_id) references public.bookings (restaurant_id, id) on delete cascade,
    foreign key (restaurant_id, table_id) references public.dining_tables (restaurant_id, id) on delete cascade,
    constraint booking_table_assignments_no_double_booking
        exclude using gist (restaurant_id with =, table_id with =, during with &&)
);
create index booking_table_assignments_booking_idx on public.booking_table_assignments (restaurant_id, booking_id);

create table public.allocations (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    booking_id uuid not null,
    section text not null default 'main',
    covers smallint not null check (covers > 0),
    server_name text,
    created_at timestamptz not null default now(),
    primary key (restaurant_id, id),
    foreign key (restaurant_id, booking_id) references public.bookings (restaurant_id, id) on delete cascade
);
create index allocations_booking_idx on public.allocations (restaurant_id, booking_id);

create table public.feedback (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    booking_id uuid,
    rating smallint not null check (rating between 1 and 5),
    comment text,
    is_published boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (restaurant_id, id),
    foreign key (restaurant_id, booking_id) references public.bookings (restaurant_id, id)
        on delete set null (booking_id)
);
create index feedback_created_idx on public.feedback (restaurant_id, created_at);

create table public.waitlist_entries (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    customer_id uuid not null,
    wanted_on date not null,
    party_size smallint not null check (party_size between 1 and 60),
    message text,
    notified_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (restaurant_id, id),
    foreign key (restaurant_id, customer_id) references public.customers (restaurant_id, id) on delete cascade
);
create index waitlist_entries_day_idx on public.waitlist_entries (restaurant_id, wanted_on);

create trigger customers_touch before update on public.customers
    for each row execute function public.touch_updated_at();
create trigger bookings_touch before update on public.bookings
    for each row execute function public.touch_updated_at();
