-- Money, the outbox, analytics and the audit trail.

create table public.ledger_entries (
    id bigint generated always as identity primary key,
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    booking_id uuid references public.bookings (id) on delete set null,
    kind public.ledger_kind not null,
    amount numeric(10, 2) not null check (amount <> 0),
    currency public.currency_code not null default 'GBP',
    card_last_four text check (card_last_four ~ '^[0-9]{4}$'),
    booked_on date not null default current_date,
    created_at timestamptz not null default now()
);
create index ledger_entries_day_idx on public.ledger_entries (restaurant_id, booked_on);

create table public.gift_cards (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    code text not null unique check (code ~ '^GC[0-9]{5}$'),
    initial_amount numeric(8, 2) not null check (initial_amount > 0),
    balance numeric(8, 2) not null check (balance >= 0),
    is_spent boolean generated always as (balance = 0) stored,
    bought_by uuid references public.customers (id) on delete set null,
    expires_on date not null,
    check (balance <= initial_amount)
);
create index gift_cards_restaurant_idx on public.gift_cards (restaurant_id);

create table public.capacity_outbox (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    event_type text not null,
    payload jsonb not null default '{}',
    status public.outbox_status not null default 'pending',
    dedupe_key text,
    attempts integer not null default 0 check (attempts >= 0),
    next_attempt_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
create index capacity_outbox_dispatch_idx on public.capacity_outbox (status, next_attempt_at);
create unique index capacity_outbox_dedupe_active_idx
    on public.capacity_outbox (restaurant_id, event_type, dedupe_key)
    where status in ('pending', 'processing');

create table public.analytics_events (
    id uuid not null default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    occurred_at timestamptz not null default now(),
    kind text not null,
    visitor text,
    properties jsonb not null default '{}',
    primary key (id, occurred_at)
) partition by range (occurred_at);
create index analytics_events_restaurant_idx on public.analytics_events (restaurant_id, occurred_at);

create table public.analytics_events_2026_08 partition of public.analytics_events
    for values from ('2026-08-01 00:00+00') to ('2026-09-01 00:00+00');
create table public.analytics_events_2026_09 partition of public.analytics_events
    for values from ('2026-09-01 00:00+00') to ('2026-10-01 00:00+00');
create table public.analytics_events_2026_10 partition of public.analytics_events
    for values from ('2026-10-01 00:00+00') to ('2026-11-01 00:00+00');
create table public.analytics_events_2026_11 partition of public.analytics_events
    for values from ('2026-11-01 00:00+00') to ('2026-12-01 00:00+00');
create table public.analytics_events_2026_12 partition of public.analytics_events
    for values from ('2026-12-01 00:00+00') to ('2027-01-01 00:00+00');
create table public.analytics_events_rest partition of public.analytics_events default;

create table public.audit_log (
    id bigint generated always as identity primary key,
    restaurant_id uuid references public.restaurants (id) on delete cascade,
    actor_id uuid,
    action text not null,
    entity text not null,
    entity_id text,
    details jsonb not null default '{}',
    happened_at timestamptz not null default now()
);
create index audit_log_restaurant_idx on public.audit_log (restaurant_id, happened_at);
comment on column public.audit_log.restaurant_id is 'Null for actions of the platform itself.';
