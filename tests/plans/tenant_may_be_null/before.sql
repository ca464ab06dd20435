-- Rows without a tenant may be: no key can start with it.
create role app_user login;
create table shops (id bigint primary key);
create table templates (id bigint primary key, shop_id bigint references shops, body text);
grant select on templates to app_user;
