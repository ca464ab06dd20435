-- title: Permissive policies side by side, and no restrictive floor under them
-- level: note
-- kind: weakness
-- why: Permissive policies are joined with or: the widest of them decides, and the next one somebody adds
--   can only widen it.
-- fix: Add one restrictive policy for all commands to public that compares the tenant column with the
--   context.
-- uses: permits
select
    permits.relation as object,
    permits.relation as relation,
    null::text as role,
    format(
        '%s has several permissive policies for the same role and command (%s) and no restrictive policy that holds '
        'them all to the tenant.',
        permits.relation,
        string_agg(distinct quote_ident(permits.polname), ', ' order by quote_ident(permits.polname))
    ) as detail,
    null::text as fix
from permits
where permits.policies > 1
group by permits.relation
order by 1
