-- title: An application role may hand its rights on
-- level: warning
-- kind: weakness
-- why: Whoever may grant decides who reaches tenants' rows: one stolen session can open the door for good.
-- fix: Keep CREATEROLE, admin options and grant options with the role that owns the schema.
-- uses: acting
with may_grant as (
    select
        acting.name as role, 'it has CREATEROLE' as right_held,
        format('alter role %I nocreaterole;', acting.name) as fix
    from acting
    join pg_roles as role on role.oid = acting.oid and role.rolcreaterole
    union all
    select
        acting.name,
        format('it may give %I to others', given.rolname),
        format('revoke admin option for %I from %I;', given.rolname, holder.rolname)
    from pg_auth_members as member
    join acting on pg_has_role(acting.oid, member.member, 'USAGE')
    join pg_roles as given on given.oid = member.roleid
    join pg_roles as holder on holder.oid = member.member
    where member.admin_option
    union all
    select
        acting.name,
        format('it may grant %s on %s', entry.privileges, entry.relation),
        format('revoke grant option for %s on %s from %I;', entry.privileges, entry.relation, holder.rolname)
    from (
        select
            class.oid,
            class.relowner,
            format('%I.%I', space.nspname, class.relname) as relation,
            acl.grantee,
            string_agg(lower(acl.privilege_type), ', ' order by acl.privilege_type) as privileges
        from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
        join pg_class as class on class.oid = owned.relid
        join pg_namespace as space on space.oid = class.relnamespace
        cross join lateral aclexplode(class.relacl) as acl
        where acl.is_grantable and acl.grantee not in (0, class.relowner)
        group by class.oid, class.relowner, space.nspname, class.relname, acl.grantee
    ) as entry
    join acting
        on pg_has_role(acting.oid, entry.grantee, 'USAGE')
        and not pg_has_role(acting.oid, entry.relowner, 'USAGE')
    join pg_roles as holder on holder.oid = entry.grantee
)
select
    format('%I', may_grant.role) as object,
    null::text as relation,
    may_grant.role as role,
    format(
        '%I can hand rights on to other roles: %s%s.',
        may_grant.role,
        array_to_string((array_agg(distinct may_grant.right_held order by may_grant.right_held))[1:10], '; '),
        case
            when count(distinct may_grant.right_held) > 10
            then format('; and %s more', count(distinct may_grant.right_held) - 10)
            else ''
        end
    ) as detail,
    string_agg(distinct may_grant.fix, ' ' order by may_grant.fix) as fix
from may_grant
group by may_grant.role
order by 1
