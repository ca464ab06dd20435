-- Roles, personas, own rows and crossings, with names that have to be quoted wherever they stand.
create table "my ""shops" (id bigint primary key);
create table "a.b; --" (
    "id'" bigint primary key, shop_id bigint not null references "my ""shops", "user, {x}" text not null);
