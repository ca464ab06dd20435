-- columns = "keep": the floor asks the parent's row instead of a column.
create role app_user login;
create table shops (id bigint primary key);
create table albums (id bigint primary key, shop_id bigint not null references shops);
create table pages (id bigint primary key, album_id bigint not null references albums);
grant select on albums, pages to app_user;
