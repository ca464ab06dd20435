-- Personas are a policy for each command that asks for the actor's roles; own rows are told by a column; a table that no
-- persona names is refused to all, and partitions stay closed.
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table shifts (id bigint primary key, shop_id bigint not null references shops, user_id uuid not null);
create table secrets (id bigint primary key, shop_id bigint not null references shops);
create table visits (shop_id bigint not null references shops, day date not null) partition by range (day);
create table visits_2026 partition of visits for values from ('2026-01-01') to ('2027-01-01');
