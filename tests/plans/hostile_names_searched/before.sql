-- Members, searches and kept tenants where every name wants quotes.
create role "app %s" login;
create schema "it's; $$";
create table "it's; $$"."Ten ants" ("the id" text primary key);
create table "it's; $$"."Us{}ers" ("{}" bigint primary key, label text);
create table "it's; $$"."order" (
    "Ten $ant" text not null references "it's; $$"."Ten ants", "{user}" bigint not null references "it's; $$"."Us{}ers",
    "is ""on""" boolean not null, "st'ate" text not null, primary key ("Ten $ant", "{user}")
);
create table "it's; $$"."a$b%" (
    "select" bigint primary key, "Ten $ant" text not null references "it's; $$"."Ten ants", "bo""dy" text, "d%s" jsonb
);
grant usage on schema "it's; $$" to "app %s";
grant select, insert, update on all tables in schema "it's; $$" to "app %s";
