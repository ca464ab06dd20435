-- Only its name tells whose items are; the foreign key that is led by the tenant takes that column, and what was found
-- stays found: the next plan has nothing to do.
create role app_user login;
create table shops (id bigint primary key);
create table lists (id bigint primary key, shop_id bigint not null references shops);
create table items (id bigint primary key, shop_id bigint not null, list_id bigint not null references lists);
grant select, insert, update, delete on shops, lists, items to app_user;
