-- Neither a foreign key nor a name tells; the blueprint says which column leads to the owner.
create role app_user login;
create table shops (id bigint primary key);
create table imports (id bigint primary key, source bigint not null, line text);
grant select, insert on imports to app_user;
