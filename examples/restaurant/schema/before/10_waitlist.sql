-- The waiting list: guests who want a table on a day that is full.

create table public.waitlist_entries (
    id uuid primary key default gen_random_uuid(),
    restaurant_id uuid not null references public.restaurants (id) on delete cascade,
    customer_id uuid not null references public.customers (id) on delete cascade,
    wanted_on date not null,
    party_size smallint not null check (party_size between 1 and 60),
    message text,
    notified_at timestamptz,
    created_at timestamptz not null default now()
);
create index waitlist_entries_day_idx on public.waitlist_entries (restaurant_id, wanted_on);

alter table public.waitlist_entries owner to restaurant_owner;
