-- Columns whose operators row security keeps from their index get a search function each; the key is led meanwhile.
create role app_user login;
create table shops (id bigint primary key);
create schema archive;
create table notes (
    id bigint primary key, shop_id bigint not null references shops, body text, "Doc" jsonb, tags text[], words tsvector
);
create table archive.notes (id uuid primary key, note_id bigint not null references notes, body varchar(200));
grant usage on schema archive to app_user;
grant select on notes, archive.notes to app_user;
