-- title: Functions with their owner's rights rely on their own tenant condition
-- level: note
-- kind: weakness
-- why: Policies do not bind the owners of these functions. They read the context, but only a run can show
--   that they always compare it.
-- fix: Keep each in the attack run; make those security invoker that need no exemption.
-- uses: owned, callable_definer, asks_context, definer_reads
with relying as (
    select distinct definer.signature
    from callable_definer as definer
    join asks_context as asking on asking.oid = definer.oid
    join definer_reads as reads on reads.oid = definer.oid
    join owned on owned.relid = reads.relid
    join pg_roles as owner on owner.oid = definer.proowner
    where (
        owner.rolsuper or owner.rolbypassrls
        or pg_has_role(owner.oid, owned.relowner, 'USAGE')
        and not (owned.relrowsecurity and owned.relforcerowsecurity)
    )
)
select
    'definer functions' as object,
    null::text as relation,
    null::text as role,
    format(
        '%s functions pass by row security and filter by the context themselves: %s.',
        count(*), array_to_string((array_agg(relying.signature order by relying.signature))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    null::text as fix
from relying
having count(*) > 0
order by 1
