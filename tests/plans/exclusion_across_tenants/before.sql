-- A constraint that excludes what overlaps, whoever's it is, tells a tenant what others hold.
create role app_user login;
create table shops (id integer primary key, name text);
create table hires (
    id integer primary key, shop_id integer not null references shops, during int4range not null,
    exclude using gist (during with &&)
);
grant select, insert on hires to app_user;
