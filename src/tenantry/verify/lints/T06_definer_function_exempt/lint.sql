-- title: A function with its owner's rights works on tenants' rows and never asks who calls
-- level: warning
-- kind: weakness
-- why: Policies do not bind the owner of this function; it does not read the context either, so its
--   arguments alone decide whose rows it reads or writes.
-- fix: Make it security invoker, or let it compare the tenant with the context, or revoke execute from
--   application roles.
-- uses: owned, callable_definer, asks_context, definer_reads
select
    definer.signature as object,
    null::text as relation,
    definer.callers as role,
    format(
        'Function %s runs as %I, whom the policies of %s do not bind, never asks for the context, and %s may call it.',
        definer.signature, owner.rolname, string_agg(owned.relation, ', ' order by owned.relation), definer.callers
    ) as detail,
    format('revoke execute on routine %s from %s;', definer.signature, definer.callers) as fix
from callable_definer as definer
join definer_reads as reads on reads.oid = definer.oid
join owned on owned.relid = reads.relid
join pg_roles as owner on owner.oid = definer.proowner
where definer.oid not in (select asking.oid from asks_context as asking)
    and (
        owner.rolsuper or owner.rolbypassrls
        or pg_has_role(owner.oid, owned.relowner, 'USAGE')
        and not (owned.relrowsecurity and owned.relforcerowsecurity)
    )
group by definer.signature, definer.callers, owner.rolname
order by 1
