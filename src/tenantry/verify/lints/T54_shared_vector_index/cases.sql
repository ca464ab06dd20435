-- case: a shared approximate index (any access method of that name)
-- expect: public.chunk
create access method hnsw type index handler hashhandler;
create operator class public.near default for type int4 using hnsw as
operator 1 =, function 1 hashint4(int4);
create table public.chunk (id int primary key, tenant_id uuid not null, embedding int);
create index on public.chunk using hnsw (embedding);

-- case: a partial index for one tenant, and ordinary indexes
-- expect: nothing
create access method hnsw type index handler hashhandler;
create operator class public.near default for type int4 using hnsw as
operator 1 =, function 1 hashint4(int4);
create table public.chunk (id int primary key, tenant_id uuid not null, embedding int);
create index on public.chunk using hnsw (embedding) where tenant_id = 'a0000000-0000-4000-8000-000000000001';
create index on public.chunk (embedding);
