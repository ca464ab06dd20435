-- Two foreign keys to one key whose long names differ in the last letter: the names they have meanwhile differ too.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table swaps (
    shop_id bigint not null references shops, number int, given bigint, taken bigint, primary key (shop_id, number),
    constraint a_foreign_key_whose_name_is_as_long_as_the_server_lets_names_be foreign key (given) references sales,
    constraint a_foreign_key_whose_name_is_as_long_as_the_server_lets_names_bx foreign key (taken) references sales
);
grant select on sales, swaps to app_user;
