-- title: A column in a sub-select means another table than it seems to
-- level: warning
-- kind: weakness
-- why: A bare name inside a sub-select belongs to the inner table if that has such a column; the sub-select
--   then compares its table with itself.
-- fix: Write the policy's table before every column in sub-selects: booking.tenant_id, not tenant_id.
with policy as materialized (
    select
        policy.oid, policy.polname, policy.polrelid as relid, policy.polcmd as command,
        policy.polpermissive as is_permissive, policy.polroles as roles,
        0::oid = any (policy.polroles) as is_public,
        0::oid = any (policy.polroles) or exists (
            select from pg_roles as app
            cross join unnest(policy.polroles) as target (oid)
            where app.oid = any (%(app_roles)s::oid[]) and not app.rolsuper and not app.rolbypassrls
                and pg_has_role(app.oid, target.oid, 'USAGE')
        ) as meets_app,
        format('%I.%I', space.nspname, class.relname) as relation,
        class.relname, class.relkind, class.relrowsecurity,
        expression.using_text, expression.check_text,
        -- why: without literals and column aliases what is left are names that mean something
        regexp_replace(
            regexp_replace(expression.using_text, '''(?:[^'']|'''')*''', '''''', 'g'), '\mAS ("[^"]+"|\w+)', '', 'g'
        ) as using_plain,
        regexp_replace(
            regexp_replace(expression.check_text, '''(?:[^'']|'''')*''', '''''', 'g'), '\mAS ("[^"]+"|\w+)', '', 'g'
        ) as check_plain
    from pg_policy as policy
    join pg_class as class on class.oid = policy.polrelid
    join pg_namespace as space on space.oid = class.relnamespace
    cross join lateral (
        select
            pg_get_expr(policy.polqual, policy.polrelid) as using_text,
            pg_get_expr(policy.polwithcheck, policy.polrelid) as check_text
    ) as expression
    where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        and not exists (
            select from pg_depend as member
            where member.classid = 'pg_class'::regclass and member.objid = class.oid and member.deptype = 'e'
        )
),
self_compared as (
    select distinct policy.oid, policy.relation, policy.relid, policy.polname, pair.part[1] as alias, pair.part[2] as own, pair.part[3] as other
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
        'Policy %I of %s compares %s.%s with %s.%s inside its sub-select, although %s has a column of that name too: it does not look at the row.',
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
                and used.refclassid = 'pg_class'::regclass and used.refobjid = self_compared.relid and used.refobjsubid > 0
        )
    )
    and exists (
        select from pg_attribute as attribute
        where attribute.attrelid = self_compared.relid and attribute.attnum > 0 and not attribute.attisdropped
            and quote_ident(attribute.attname) in (self_compared.own, self_compared.other)
    )
order by 1, self_compared.polname
