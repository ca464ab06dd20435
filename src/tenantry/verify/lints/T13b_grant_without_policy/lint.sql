-- title: Rights that no policy ever lets through
-- level: note
-- kind: hygiene
-- why: Row security is on and no policy covers the command: inserts are refused, updates and deletes
--   silently change nothing.
-- fix: Revoke the right where nobody needs it; write the policy where somebody does.
-- uses: owned, asker, verb, policy
with gap as (
    select asker.name, owned.relation, string_agg(verb.word, '/' order by verb.word) as words
    from owned
    cross join asker
    cross join verb
    where owned.relrowsecurity and not owned.relispartition and asker.oid <> 0 and verb.command <> 'r'
        and case verb.command
            when 'd' then has_table_privilege(asker.oid, owned.relid, 'DELETE')
            else has_any_column_privilege(asker.oid, owned.relid, verb.word)
        end
        and exists (select from policy where policy.relid = owned.relid)
        and not exists (
            select from policy
            where policy.relid = owned.relid and policy.is_permissive and policy.command in (verb.command, '*')
                and (
                    policy.is_public
                    or exists (
                        select from unnest(policy.roles) as target (oid)
                        where pg_has_role(asker.oid, target.oid, 'USAGE')
                    )
                )
        )
        and not pg_has_role(asker.oid, owned.relowner, 'USAGE')
        and not exists (select from pg_roles as role where role.oid = asker.oid and role.rolbypassrls)
    group by asker.name, owned.relation
)
select
    gap.name as object,
    null::text as relation,
    gap.name as role,
    format(
        '%s has rights on %s tables that no policy lets through: %s.',
        gap.name, count(*),
        array_to_string(
            (
                array_agg(
                    format('%s on %s', gap.words, gap.relation) order by format('%s on %s', gap.words, gap.relation)
                )
            )[1:10],
            ', '
        )
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    null::text as fix
from gap
group by gap.name
order by 1
