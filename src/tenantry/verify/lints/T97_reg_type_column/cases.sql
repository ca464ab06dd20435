-- case: a text search configuration
-- expect: public.document
create table public.document (id int primary key, language regconfig);

-- case: types that pg_upgrade carries over
-- expect: nothing
create table public.document (id int primary key, source regclass, author regrole, kind regtype);
