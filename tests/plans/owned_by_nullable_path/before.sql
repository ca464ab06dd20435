-- The reference may be null, so no column can be filled: the floor goes by the parent's row.
create role app_user login;
create table shops (id bigint primary key);
create table albums (id bigint primary key, shop_id bigint not null references shops);
create table comments (id bigint primary key, album_id bigint references albums, body text);
grant select, insert on albums, comments to app_user;
