-- Two steps away: parents are filled before their children.
create role app_user login;
create table shops (id bigint primary key);
create table albums (id bigint primary key, shop_id bigint not null references shops);
create table pages (id bigint primary key, album_id bigint not null references albums);
create table pictures (id bigint primary key, page_id bigint not null references pages);
grant select on albums, pages, pictures to app_user;
