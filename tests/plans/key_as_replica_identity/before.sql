-- Replication tells rows apart by a unique key: without it updates would be refused, so it stays.
create role app_user login;
create table shops (id bigint primary key);
create table codes (
    shop_id bigint not null references shops, number int not null, code text not null, primary key (shop_id, number),
    constraint codes_code unique (code)
);
alter table codes replica identity using index codes_code;
grant select on codes to app_user;
