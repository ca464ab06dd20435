-- A key whose index carries another column, for reading from the index alone, keeps it.
create role app_user login;
create table shops (id bigint primary key);
create table codes (
    shop_id bigint not null references shops, number int not null, code text not null, worth numeric,
    primary key (shop_id, number), constraint codes_code unique (code) include (worth)
);
grant select on codes to app_user;
