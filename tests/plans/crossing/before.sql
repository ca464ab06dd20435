-- Background work crosses tenants where a table says so, by its verbs alone; a table fenced by way of it does not cross
-- with it.
create table shops (id bigint primary key);
create table jobs (id bigint primary key, shop_id bigint not null references shops, state text not null);
create table tries (id bigint primary key, job_id bigint not null references jobs);
