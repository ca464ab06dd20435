-- Names with quotes, blanks, a percent sign and the word "on" in them.
create role "app user ""on"" x" login;
create schema "My Shop";
create table "My Shop"."tenants on" ("the id" bigint primary key);
create table "My Shop"."bills % on" (
    "bill on no" bigint, "tenant's id" bigint not null references "My Shop"."tenants on",
    constraint "key on bills" primary key ("bill on no")
);
create function "My Shop"."count on"("on what" text) returns bigint language sql security definer
    as 'select count(*) from "My Shop"."bills % on"';
create view "My Shop"."all on all" as select * from "My Shop"."bills % on";
grant usage on schema "My Shop" to "app user ""on"" x";
grant select on all tables in schema "My Shop" to "app user ""on"" x";
