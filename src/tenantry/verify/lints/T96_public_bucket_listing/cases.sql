-- case: a policy on the whole bucket
-- expect: storage.objects
create schema storage;
create table storage.objects (id uuid primary key, bucket_id text, name text, owner uuid);
alter table storage.objects enable row level security;
create policy "Anyone may see avatars" on storage.objects for select using (bucket_id = 'avatars');

-- case: the owner's files, or for writing only
-- expect: nothing
create schema storage;
create table storage.objects (id uuid primary key, bucket_id text, name text, owner uuid);
alter table storage.objects enable row level security;
create policy own on storage.objects for select
    using (bucket_id = 'avatars' and owner = nullif(current_setting('app.actor_id', true), '')::uuid);
create policy upload on storage.objects for insert with check (bucket_id = 'avatars');
