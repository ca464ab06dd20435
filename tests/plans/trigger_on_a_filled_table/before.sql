-- Filling the new column wakes no trigger: it would forbid the change or note it.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table lines (id bigint primary key, sale_id bigint not null references sales, changed_at timestamptz);
create function refuse() returns trigger language plpgsql as $$ begin raise 'lines are never changed'; end $$;
insert into shops values (1);
insert into sales values (7, 1);
insert into lines values (1, 7, null);
create trigger refuse before update on lines for each row execute function refuse();
grant select, insert on lines, sales to app_user;
