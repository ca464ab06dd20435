-- title: A table has the same index twice
-- level: note
-- kind: hygiene
-- why: Every write keeps both up to date; reads need one.
-- fix: Drop the ones that no constraint needs.
with described as (
    select
        index.indrelid,
        index.indexrelid,
        format('%I.%I', space.nspname, class.relname) as relation,
        format('%I.%I', space.nspname, own.relname) as name,
        own.relname,
        own.relam,
        index.indkey::text as keys,
        index.indclass::text as classes,
        index.indcollation::text as collations,
        index.indoption::text as options,
        index.indnkeyatts,
        coalesce(pg_get_expr(index.indexprs, index.indrelid), '') as expressions,
        coalesce(pg_get_expr(index.indpred, index.indrelid), '') as predicate,
        own.relispartition,
        own.relispartition
            or index.indisunique
            or index.indisreplident
            or exists (select from pg_constraint as bound where bound.conindid = index.indexrelid) as is_needed
    from pg_index as index
    join pg_class as own on own.oid = index.indexrelid
    join pg_class as class on class.oid = index.indrelid and class.relkind in ('r', 'p', 'm')
    join pg_namespace as space on space.oid = class.relnamespace
    where index.indisvalid
        and space.nspname !~ '^(pg_|information_schema$)'
        -- why: tables of a hosting platform are not the user's to mend
        and pg_get_userbyid(class.relowner) !~ '^supabase_.*admin$'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
        )
),
twin as (
    select
        described.relation,
        described.relname,
        described.name,
        -- why: twins among a partition's inherited indexes are named at its parent
        count(*) over same > 1 and not bool_and(described.relispartition) over same as has_twin,
        -- why: one of them stays, first of all the one that a constraint needs
        row_number() over (same order by described.is_needed desc, described.relname) > 1
            and not described.is_needed as is_spare
    from described
    window same as (
        partition by
            described.indrelid, described.relam, described.keys, described.classes, described.collations,
            described.options, described.indnkeyatts, described.expressions, described.predicate
    )
)
select
    twin.relation as object,
    twin.relation as relation,
    null::text as role,
    format(
        '%s has indexes over the same columns: %s.',
        twin.relation, string_agg(quote_ident(twin.relname), ', ' order by twin.relname)
    ) as detail,
    string_agg(format('drop index concurrently %s;', twin.name), ' ' order by twin.name)
        filter (where twin.is_spare) as fix
from twin
where twin.has_twin
group by twin.relation
order by 1
