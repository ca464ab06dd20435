-- title: Secrets can be read by an application role
-- level: error
-- kind: leak
-- why: The table has no row security and the role may read the column: every password, token or card number in it is
--   open.
-- fix: Enable row security with a policy, or revoke the column; better, keep secrets in a schema the application
--   cannot read.
-- uses: acting
with secret as (
    select
        class.oid,
        class.relnamespace,
        class.relkind,
        format('%I.%I', space.nspname, class.relname) as name,
        (
            select string_agg(
                distinct format(
                    'revoke select on %I.%I from %s;',
                    space.nspname, class.relname,
                    case when acl.grantee = 0 then 'public' else format('%I', pg_get_userbyid(acl.grantee)) end
                ), ' '
            )
            from (
                select held.grantee, held.privilege_type from aclexplode(class.relacl) as held
                union
                select held.grantee, held.privilege_type
                from pg_attribute as column_of
                cross join lateral aclexplode(column_of.attacl) as held
                where column_of.attrelid = class.oid
            ) as acl
            -- why: the platform's own tables are not the application's to alter
            where (class.relkind in ('m', 'f') or space.nspname in ('auth', 'storage', 'vault'))
                and acl.grantee <> class.relowner
                and acl.privilege_type = 'SELECT'
        ) as closing,
        attribute.attnum,
        attribute.attname
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid and class.relkind in ('r', 'p', 'm', 'f')
    join pg_namespace as space on space.oid = class.relnamespace
    -- why: password_hash, "passwordHash" and PASSWORD-HASH are one name
    cross join lateral (select regexp_replace(lower(attribute.attname), '[^a-z0-9]', '', 'g') as name) as said
    where attribute.attnum > 0
        and not attribute.attisdropped
        and not class.relrowsecurity
        and (
            said.name in (
                'pwd', 'secret', 'token', 'jwt', 'ssn', 'socialsecuritynumber', 'cvv', 'cvc', 'iban',
                'bankaccountnumber',
                'passportnumber', 'recoverycode', 'recoverycodes', 'backupcodes'
            )
            or said.name ~ '(password|passwd|passphrase|passwordhash|passwordsalt)$'
            or said.name ~ '(clientsecret|apisecret|webhooksecret|otpsecret|secretkey|privatekey|apikey)$'
            or said.name ~ '(accesstoken|refreshtoken|sessiontoken|bearertoken|authtoken)$'
            or said.name ~ '(creditcardnumber|cardnumber)$'
        )
        and attribute.attname !~* 'publi(c|shable)'
        -- why: a yes, a time or a count about a secret is no secret
        and attribute.atttypid not in (
            'bool'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'interval'::regtype,
            'int2'::regtype
        )
        and space.nspname !~ '^(pg_|information_schema$)'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
        )
),
readable as (
    select secret.name, secret.relkind, secret.closing, acting.name as role, secret.attname, secret.attnum
    from secret
    join acting
        on has_schema_privilege(acting.oid, secret.relnamespace, 'USAGE')
        and has_column_privilege(acting.oid, secret.oid, secret.attnum, 'SELECT')
)
select
    readable.name as object,
    readable.name as relation,
    case when count(distinct readable.role) = 1 then min(readable.role) end as role,
    format(
        '%s has no row security, and %s may read its %s.',
        readable.name,
        array_to_string(
            (array_agg(distinct format('%I', readable.role) order by format('%I', readable.role)))[1:10], ', '
        ),
        string_agg(distinct quote_ident(readable.attname), ', ' order by quote_ident(readable.attname))
    ) as detail,
    coalesce(
        readable.closing,
        case
            when readable.relkind in ('r', 'p') then format('alter table %s enable row level security;', readable.name)
        end
    ) as fix
from readable
group by readable.name, readable.relkind, readable.closing
order by 1
