-- Restaurants, the people who work there, and what they keep about each other.
-- Keys, unique constraints and foreign keys lead with restaurant_id, so that none of them can answer for a neighbour.

create table public.restaurants (
    id uuid primary key,
    name text not null check (length(name) between 1 and 120),
    slug_name text not null check (slug_name ~ '^[a-z0-9-]+$'),
    -- why: one of a kind by its own id, so that no unique index tells which names are taken
    slug text generated always as (slug_name || '-' || left(id::text, 8)) stored,
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

-- Sign-in (passwords, one account per e-mail) is the identity service's; here is what colleagues see.
create table public.users (
    id uuid primary key,
    email public.email_address not null,
    full_name text not null,
    phone text,
    locale text not null default 'en-GB',
    created_at timestamptz not null default now()
);

create table public.restaurant_members (
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete cascade,
    role public.member_role not null default 'staff',
    joined_at timestamptz not null default now(),
    primary key (restaurant_id, user_id)
);
create index restaurant_members_user_idx on public.restaurant_members (user_id);

create table public.invitations (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    email public.email_address not null,
    role public.member_role not null default 'staff',
    token_hash bytea not null default sha256(uuid_send(gen_random_uuid())),
    invited_by uuid,
    expires_at timestamptz not null default now() + interval '7 days',
    accepted_at timestamptz,
    primary key (restaurant_id, id),
    unique (restaurant_id, email),
    unique (restaurant_id, token_hash),
    foreign key (restaurant_id, invited_by) references public.restaurant_members (restaurant_id, user_id)
        on delete set null (invited_by)
);
comment on column public.invitations.token_hash is 'Set by the worker that mails the token itself.';

create table public.staff_documents (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    user_id uuid not null,
    title text not null,
    kind text not null check (kind in ('contract', 'payslip', 'certificate', 'warning')),
    body text not null,
    is_confidential boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (restaurant_id, id),
    foreign key (restaurant_id, user_id) references public.restaurant_members (restaurant_id, user_id)
        on delete cascade
);
create index staff_documents_user_idx on public.staff_documents (restaurant_id, user_id);

create table public.opening_hours (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    weekday smallint not null check (weekday between 1 and 7),
    opens_at time not null,
    closes_at time not null,
    check (closes_at > opens_at),
    primary key (restaurant_id, id),
    unique (restaurant_id, weekday, opens_at)
);

create table public.menu_items (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null
        default substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
        references public.restaurants (id) on delete cascade,
    name text not null,
    course text not null check (course in ('starter', 'main', 'dessert', 'drink')),
    price numeric(8, 2) not null check (price >= 0),
    is_active boolean not null default true,
    recipe_notes text,
    primary key (restaurant_id, id),
    unique (restaurant_id, name)
);

create trigger restaurants_touch before update on public.restaurants
    for each row execute function public.touch_updated_at();

-- The role of the actor in the open restaurant; null for strangers and without a context. Security definer, because
-- the policies of restaurant_members ask for it too: its owner sees the actor's own row there and nothing else.
create function public.current_member_role() returns text
language sql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select member.role::text
    from public.restaurant_members as member
    where member.restaurant_id = public.current_restaurant_id() and member.user_id = public.current_actor_id()
$$;
