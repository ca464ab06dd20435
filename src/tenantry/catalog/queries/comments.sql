-- about: Comments on what a plan may take away and make again: policies, functions and constraints.
select
    remark.classoid::regclass::text as kind,
    remark.objoid::bigint as object,
    remark.description as words
from pg_description as remark
where remark.objsubid = 0 and remark.objoid >= 16384
    and remark.classoid in ('pg_policy'::regclass, 'pg_proc'::regclass, 'pg_constraint'::regclass)
