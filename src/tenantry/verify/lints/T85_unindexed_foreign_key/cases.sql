-- case: a reference without an index, and one with it in second place
-- expect: public.booking
create table public.room (id int primary key);
create table public.booking (
    id int primary key, room_id int references public.room, other_id int references public.room
);
create index on public.booking (other_id, room_id);

-- case: covered by a longer index, by one in another order, by one of the rows that refer
-- expect: nothing
create table public.room (id int, floor int, primary key (id, floor));
create table public.guest (id int primary key);
create table public.booking (
    id int primary key,
    room_id int,
    floor int,
    guest_id int references public.guest,
    payer_id int references public.guest,
    foreign key (room_id, floor) references public.room
);
create index on public.booking (floor, room_id, id);
create index on public.booking (guest_id, id);
create index on public.booking (payer_id) where payer_id is not null;

-- case: a partitioned table is named once
-- expect: public.booking
create table public.room (id int primary key);
create table public.booking (id int, room_id int references public.room) partition by range (id);
create table public.booking_one partition of public.booking for values from (1) to (9);
