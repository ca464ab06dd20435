-- unknown = "share": a table of which nobody says anything is taken for shared.
create role app_user login;
create table shops (id bigint primary key);
create table zip_codes (code text primary key, place text);
grant select, insert on zip_codes, shops to app_user;
