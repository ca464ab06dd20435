-- case: a reference to an address
-- expect: public.profile
create schema auth;
create table auth.users (id uuid primary key, email text unique);
create table public.profile (id int primary key, email text references auth.users (email));

-- case: a reference to the key
-- expect: nothing
create schema auth;
create table auth.users (id uuid primary key, email text unique);
create table public.profile (id uuid primary key references auth.users);
