-- Nobody but users owns rows: the users are the tenants, and the context is named after them.
create role app_user login;
create table users (id uuid primary key, name text);
create table notes (id bigint primary key, user_id uuid not null references users, said text);
create table tags (id bigint primary key, note_id bigint not null references notes, word text);
grant select, insert, update, delete on users, notes, tags to app_user;
