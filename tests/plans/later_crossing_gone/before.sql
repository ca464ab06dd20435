-- A crossing that the blueprint no longer allows goes, with all that it needed.
create table shops (id bigint primary key);
create table jobs (id bigint primary key, shop_id bigint not null references shops, state text not null);
