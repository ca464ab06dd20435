-- Old inheritance: the child table is fenced too, and no key of the family changes.
create role app_user login;
create table tenants (id bigint primary key);
create table messages (id bigint primary key, tenant_id bigint not null references tenants, body text);
create table messages_old (primary key (id)) inherits (messages);
grant select on messages, messages_old to app_user;
