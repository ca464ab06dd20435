-- title: A column in a sub-select means another table than it seems to
-- level: warning
-- kind: weakness
-- why: A bare name inside a sub-select belongs to the inner table if that has such a column; the sub-select
--   then compares its table with itself.
-- fix: Write the policy's table before every column in sub-selects: booking.tenant_id, not tenant_id.
-- uses: policy
with self_compared as (
    select distinct
        policy.oid, policy.relation, policy.relid, policy.polname, pair.part[1] as alias, pair.part[2] as own,
        pair.part[3] as other
    from policy
    cross join lateral (values (policy.using_plain), (policy.check_plain)) as side (plain)
    cross join lateral regexp_matches(
        side.plain, '\(?(\m[\w"]+)\.([\w"]+)\)?(?:::[\w ]+)? = \(?\1\.([\w"]+)\M(?!\()', 'g'
    ) as pair (part)
    where pair.part[1] <> quote_ident(policy.relname)
)
select
    self_compared.relation as object,
    self_compared.relation as relation,
    null::text as role,
    format(
        'Policy %I of %s compares %s.%s with %s.%s inside its sub-select, although %s has a column of that name too: '
        'it does not look at the row.',
        self_compared.polname, self_compared.relation, self_compared.alias, self_compared.own,
        self_compared.alias, self_compared.other, self_compared.relation
    ) as detail,
    null::text as fix
from self_compared
where (
        self_compared.own = self_compared.other
        or not exists (
            -- nothing else in the policy looks at the row
            select from pg_depend as used
            where used.classid = 'pg_policy'::regclass and used.objid = self_compared.oid
                and used.refclassid = 'pg_class'::regclass
                and used.refobjid = self_compared.relid
                and used.refobjsubid > 0
        )
    )
    and exists (
        select from pg_attribute as attribute
        where attribute.attrelid = self_compared.relid and attribute.attnum > 0 and not attribute.attisdropped
            and quote_ident(attribute.attname) in (self_compared.own, self_compared.other)
    )
order by 1, self_compared.polname
