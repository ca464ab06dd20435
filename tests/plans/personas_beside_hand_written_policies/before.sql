-- Of policies written by hand, what would let the application do more than its personas goes; what narrows stays, and so
-- does what is for a trusted role.
create role golden_auditor nologin;
create role golden_hand_app login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops, is_open boolean not null);
grant select, update on sales to golden_hand_app;
grant select on sales to golden_auditor;
alter table sales enable row level security;
create policy reading on sales for select to golden_hand_app using (true);
create policy everyone on sales for update using (is_open);
create policy audit on sales for select to golden_auditor using (true);
create policy closed on sales as restrictive for update using (is_open);
