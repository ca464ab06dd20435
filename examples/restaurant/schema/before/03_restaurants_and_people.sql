-- Restaurants, the people who work there, and what they keep about each other.

create table public.restaurants (
    id uuid primary key default gen_random_uuid(),
    name text not null check (length(name) between 1 and 120),
    slug text not null unique check (slug ~ '^[a-z0-9-]+$'),
    plan public.restaurant_plan not null default 'starter',
    cuisine_id smallint not null references public.cuisines (id),
    country_code text not null references public.countries (code),
    time_zone text not null references public.time_zones (name),
    currency public.currency_code not null default 'GBP',
    street text not null,
    phone text not null,
    deposit_per_cover numeric(8, 2) not null default 0 check (deposit_per_cover >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table public.users (
    id uuid primary key default gen_random_uuid(),
    email public.email_address not null unique,
    full_name text not null,
    phone text,
    password_hash text not null,
    locale text not null default 'en-GB',
    created_at timestamptz not null default now()
);

create table public.restaurant_members (
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete cascade,
    role public.member_role not null default 'staff',
    joined_at timestamptz not null default now(),
    primary key (restaurant_id, user_id)
);
create index restaurant_members_user_idx on public.restaurant_members (user_id);

create table public.invitations (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    email public.email_address not null,
    role public.member_role not null default 'staff',
    token text not null unique default replace(gen_random_uuid()::text, '-', ''),
    invited_by uuid references public.users (id),
    expires_at timestamptz not null default now() + interval '7 days',
    accepted_at timestamptz,
    unique (restaurant_id, email)
);

create table public.staff_documents (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    user_id uuid not null references public.users (id),
    title text not null,
    kind text not null check (kind in ('contract', 'payslip', 'certificate', 'warning')),
    body text not null,
    is_confidential boolean not null default false,
    created_at timestamptz not null default now()
);
create index staff_documents_restaurant_idx on public.staff_documents (restaurant_id, user_id);

create table public.opening_hours (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    weekday smallint not null check (weekday between 1 and 7),
    opens_at time not null,
    closes_at time not null,
    check (closes_at > opens_at),
    unique (restaurant_id, weekday, opens_at)
);

create table public.menu_items (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    name text not null,
    course text not null check (course in ('starter', 'main', 'dessert', 'drink')),
    price numeric(8, 2) not null check (price >= 0),
    is_active boolean not null default true,
    recipe_notes text,
    unique (restaurant_id, name)
);

create trigger restaurants_touch before update on public.restaurants
    for each row execute function public.touch_updated_at();
