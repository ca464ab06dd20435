-- case: a table without a key, and a partitioned one, named once
-- expect: public."Log", public.entry
create table public."Log" (line text);
create table public.entry (id int) partition by range (id);
create table public.entry_one partition of public.entry for values from (1) to (9);

-- case: a key
-- expect: nothing
create table public.log (id int primary key, line text);
create temporary table scratch (line text);
