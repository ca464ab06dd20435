-- Only a policy tells whose clubs are, and it goes because it asks a setting: what it told is remembered.
create role app_user login;
create table shops (id bigint primary key);
create table users (id bigint primary key, shop_id bigint not null references shops);
create table clubs (id bigint primary key, name text);
create table club_members (club_id bigint references clubs, user_id bigint references users, primary key (club_id, user_id));
create table club_notes (id bigint primary key, club_id bigint not null references clubs);
alter table clubs enable row level security;
create policy of_members on clubs to app_user using (
    exists (
        select from club_members as member
        where member.club_id = clubs.id and member.user_id = current_setting('app.user_id')::bigint
    )
);
grant select, insert, update, delete on shops, users, clubs, club_members, club_notes to app_user;
