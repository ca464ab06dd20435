-- title: A role may write rows that it can never find
-- level: note
-- kind: broken
-- why: An update or delete sees only rows that a select policy shows; without one it changes nothing and
--   reports no error.
-- fix: Add a select policy with the same condition.
-- uses: asker, policy
with meets as (
    select policy.relid, policy.relation, policy.command, policy.polname, asker.oid as asker, asker.name
    from policy
    join asker on policy.is_public
        or exists (select from unnest(policy.roles) as target (oid) where pg_has_role(asker.oid, target.oid, 'USAGE'))
    where policy.is_permissive and policy.relrowsecurity
        and coalesce(policy.using_plain, policy.check_plain, 'true') <> 'false'
)
select
    meets.relation as object,
    meets.relation as relation,
    meets.name as role,
    format(
        'Policies %s of %s let %s change rows, and no select policy shows %s any: such statements find nothing and say '
        'nothing.',
        string_agg(distinct quote_ident(meets.polname), ', ' order by quote_ident(meets.polname)),
        meets.relation, meets.name, meets.name
    ) as detail,
    null::text as fix
from meets
where meets.command in ('w', 'd') and meets.asker <> 0
    and has_any_column_privilege(meets.asker, meets.relid, 'SELECT')
    and not exists (
        select from meets as sees
        where sees.relid = meets.relid and sees.asker = meets.asker and sees.command in ('r', '*')
    )
group by meets.relation, meets.name
order by 1, 3
