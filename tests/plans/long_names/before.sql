-- Names of 63 bytes: what the plan adds to them is cut without meeting another.
create role app_user login;
create table shops (id bigint primary key);
create table a_table_whose_name_is_so_long_that_nothing_can_be_added_to_it_1 (
    id bigint, shop_id bigint not null references shops,
    constraint a_constraint_whose_name_is_so_long_that_nothing_fits_after_it_1 primary key (id),
    constraint a_constraint_whose_name_is_so_long_that_nothing_fits_after_it_2 unique (id)
);
grant select on a_table_whose_name_is_so_long_that_nothing_can_be_added_to_it_1 to app_user;
