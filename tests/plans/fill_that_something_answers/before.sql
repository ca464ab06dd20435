-- The trigger fires always and the rule cannot be silenced: filling would run their code with the rights of who applies.
create role app_user login;
create table shops (id bigint primary key, slug text unique);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table lines (id bigint primary key, sale_id bigint not null references sales);
create table marks (id bigint primary key, sale_id bigint not null references sales);
create function told() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger always before update on lines for each row execute function told();
alter table lines enable always trigger always;
create rule also as on update to marks do also notify marks_changed;
grant select, insert, update, delete on shops, sales, lines, marks to app_user;
