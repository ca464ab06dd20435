-- A deferrable unique key cannot be built beside the writers: it stays, with the reason.
create role app_user login;
create table shops (id bigint primary key);
create table menu (
    shop_id bigint not null references shops, id int, place int not null, primary key (shop_id, id),
    constraint menu_place unique (place) deferrable initially deferred
);
grant select, update on menu to app_user;
