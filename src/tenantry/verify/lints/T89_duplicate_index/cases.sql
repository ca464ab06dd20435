-- case: the same columns twice, and beside the primary key
-- expect: public.booking, public."Room"
create table public.booking (id int primary key, guest_id int);
create index on public.booking (guest_id);
create index again on public.booking (guest_id);
create table public."Room" (id int primary key);
create index on public."Room" (id);

-- case: the same expression and condition
-- expect: public.booking
create table public.booking (id int primary key, email text);
create index on public.booking (lower(email)) where id > 7;
create index again on public.booking (lower(email)) where id > 7;

-- case: another order, condition, method or column list
-- expect: nothing
create table public.booking (id int primary key, guest_id int, email text);
create index on public.booking (guest_id);
create index on public.booking (guest_id desc);
create index on public.booking (guest_id) where id > 7;
create index on public.booking using hash (guest_id);
create index on public.booking (guest_id, id);
create index on public.booking (guest_id) include (email);
create index on public.booking (lower(email));
create index on public.booking (upper(email));
