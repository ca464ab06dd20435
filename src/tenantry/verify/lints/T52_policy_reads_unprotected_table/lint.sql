-- title: A policy believes a table that the application may change
-- level: error
-- kind: weakness
-- why: The policy asks this table who belongs where, and nothing keeps an application role from adding
--   itself to any tenant.
-- fix: Enable and force row security on that table, or revoke insert and update from application roles.
-- uses: asker, policy, routine, root, reach
with policy_reads as (
    -- relations a policy reads in its own text, and tables that functions under it read
    select used.objid as policy, used.refobjid as relid, null::text as by_way_of
    from pg_depend as used
    join policy on policy.oid = used.objid
    where used.classid = 'pg_policy'::regclass
        and used.refclassid = 'pg_class'::regclass
        and used.refobjid <> policy.relid
    union
    select root.policy, named.oid, routine.signature
    from root
    join reach on reach.root = root.oid
    join routine on routine.oid = reach.routine
    cross join lateral regexp_matches(
        replace(lower(routine.source), '"', ''), '\m(?:from|join)\s+(?:only\s+)?(?:(\w+)\.)?(\w+)', 'g'
    ) as word (part)
    join lateral (
        -- why: a bare name could mean any of several tables; then nothing is claimed
        select min(class.oid::bigint)::oid as oid
        from pg_class as class
        join pg_namespace as space on space.oid = class.relnamespace
        where lower(class.relname) = word.part[2] and class.relkind in ('r', 'p')
            and (word.part[1] is null or lower(space.nspname) = word.part[1])
            and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        having count(*) = 1
    ) as named on true
)
select
    format('%I.%I', space.nspname, class.relname) as object,
    format('%I.%I', space.nspname, class.relname) as relation,
    writer.names as role,
    format(
        'Policies of %s look up %I.%I%s, which has no row security and which %s may write: whoever adds a row there '
        'decides what the policies show.',
        array_to_string((array_agg(distinct policy.relation order by policy.relation))[1:10], ', ')
        || case
            when count(distinct policy.relation) > 10 then format(' and %s more', count(distinct policy.relation) - 10)
            else ''
        end,
        space.nspname, class.relname,
        coalesce(' in ' || string_agg(distinct policy_reads.by_way_of, ', ' order by policy_reads.by_way_of), ''),
        writer.names
    ) as detail,
    format('revoke insert, update on %I.%I from %s;', space.nspname, class.relname, writer.names) as fix
from policy_reads
join policy on policy.oid = policy_reads.policy and policy.relrowsecurity and policy.is_permissive and policy.meets_app
join pg_class as class on class.oid = policy_reads.relid and class.relkind in ('r', 'p') and not class.relrowsecurity
join pg_namespace as space on space.oid = class.relnamespace
cross join lateral (
    select string_agg(asker.name, ', ' order by asker.name) as names
    from asker
    where has_any_column_privilege(asker.oid, class.oid, 'INSERT, UPDATE')
        and has_schema_privilege(asker.oid, space.oid, 'USAGE')
) as writer
where writer.names is not null
group by space.nspname, class.relname, writer.names
order by 1
