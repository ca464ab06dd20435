-- case: a queue and its archive are granted
-- expect: pgmq.q_mail, pgmq.a_mail
create schema pgmq;
create table pgmq.q_mail (msg_id bigint primary key, message jsonb);
create table pgmq.a_mail (msg_id bigint primary key, message jsonb);
create role case_app_reader;
grant usage on schema pgmq to case_app_reader;
grant select on all tables in schema pgmq to case_app_reader;

-- case: row security, no grant, and a table that is no queue
-- expect: nothing
create schema pgmq;
create table pgmq.q_mail (msg_id bigint primary key, message jsonb);
alter table pgmq.q_mail enable row level security;
create table pgmq.meta (queue_name text primary key);
create role case_app_reader;
grant usage on schema pgmq to case_app_reader;
grant select on all tables in schema pgmq to case_app_reader;
create table pgmq.q_pay (msg_id bigint primary key, message jsonb);
