-- title: A grant on columns limits nothing
-- level: warning
-- kind: weakness
-- why: Somebody meant to open only these columns; a grant on the whole table opens all of them.
-- fix: Revoke the grant on the table, then grant the columns again.
-- uses: acting
with column_grant as (
    select
        class.oid,
        class.relacl,
        format('%I.%I', space.nspname, class.relname) as relation,
        acl.grantee,
        lower(acl.privilege_type) as privilege,
        string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum) as columns
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid and class.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_namespace as space on space.oid = class.relnamespace
    cross join lateral aclexplode(attribute.attacl) as acl
    where attribute.attacl is not null
        and not attribute.attisdropped
        and attribute.attnum > 0
        and class.relacl is not null
        and acl.grantee <> class.relowner
        and space.nspname !~ '^(pg_|information_schema$)'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
        )
    group by class.oid, space.nspname, acl.grantee, acl.privilege_type
),
contradicted as (
    select
        column_grant.*,
        case when column_grant.grantee = 0 then 'public' else pg_get_userbyid(column_grant.grantee)::text end as name,
        case
            when column_grant.grantee = 0 then 'public'
            else quote_ident(pg_get_userbyid(column_grant.grantee))
        end as quoted,
        case when whole.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(whole.grantee)) end as whole_quoted
    from column_grant
    cross join lateral aclexplode(column_grant.relacl) as whole
    where lower(whole.privilege_type) = column_grant.privilege
        and (
            whole.grantee in (0, column_grant.grantee)
            or column_grant.grantee <> 0 and pg_has_role(column_grant.grantee, whole.grantee, 'USAGE')
        )
        and exists (
            select from acting
            where column_grant.grantee = 0 or pg_has_role(acting.oid, column_grant.grantee, 'USAGE')
        )
)
select
    contradicted.relation as object,
    contradicted.relation as relation,
    contradicted.name as role,
    format(
        '%s grants %s on columns (%s) to %s, and on the whole table to %s as well, so the list of columns limits '
        'nothing.',
        contradicted.relation,
        contradicted.privilege,
        contradicted.columns,
        contradicted.quoted,
        string_agg(distinct contradicted.whole_quoted, ', ' order by contradicted.whole_quoted)
    ) as detail,
    -- why: revoking on the table takes the columns' grants of the same role along
    string_agg(
        distinct format(
            'revoke %s on %s from %s;', contradicted.privilege, contradicted.relation, contradicted.whole_quoted
        ), ' '
    ) || format(
        ' grant %s (%s) on %s to %s;',
        contradicted.privilege, contradicted.columns, contradicted.relation, contradicted.quoted
    ) as fix
from contradicted
group by contradicted.relation, contradicted.name, contradicted.quoted, contradicted.privilege, contradicted.columns
order by 1, 3, 4
