-- Personas that come with a later blueprint take the place of the policy that lets everything through.
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table secrets (id bigint primary key, shop_id bigint not null references shops);
