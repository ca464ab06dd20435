-- about: Which functions the server runs for a relation or a function, followed through operators, types and casts.
--   part: read (a view's query, a cast to text), policy, write (defaults, checks, indexes, rules, types), trigger
--   (with WHEN), routine (a parsed body, defaults of arguments, an aggregate's steps). Functions of extensions only
--   where an expression names them or their operator.
with recursive
member (class, object) as (
    select classid, objid from pg_depend where deptype = 'e'
),
edge (class, object, to_class, to_object) as materialized (
    select dependency.classid, dependency.objid, dependency.refclassid, dependency.refobjid
    from pg_depend as dependency
    where dependency.refobjid >= 16384 and dependency.objid >= 16384
        and dependency.refclassid in (
            'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass, 'pg_opclass'::regclass,
            'pg_opfamily'::regclass
        )
        and dependency.deptype in ('n', 'a', 'i')
    union all
    select 'pg_type'::regclass, rule.contypid, 'pg_constraint'::regclass, rule.oid
    from pg_constraint as rule
    where rule.contypid <> 0
    union all
    select 'pg_type'::regclass, class.reltype, 'pg_class'::regclass, class.oid
    from pg_class as class
    where class.relkind = 'c'
    union all
    select 'pg_opclass'::regclass, class.oid, 'pg_proc'::regclass, support.amproc
    from pg_opclass as class
    join pg_amproc as support on support.amprocfamily = class.opcfamily
    where support.amproc >= 16384
    union all
    select 'pg_opfamily'::regclass, support.amprocfamily, 'pg_proc'::regclass, support.amproc
    from pg_amproc as support
    where support.amproc >= 16384
    union all
    select 'pg_opfamily'::regclass, entry.amopfamily, 'pg_operator'::regclass, entry.amopopr
    from pg_amop as entry
    where entry.amopopr >= 16384
    union all
    select 'pg_type'::regclass, side.type, 'pg_proc'::regclass, conversion.castfunc
    from pg_cast as conversion
    cross join unnest(array[conversion.castsource, conversion.casttarget]) as side (type)
    where conversion.castfunc >= 16384
),
own_edge as materialized (
    select edge.*
    from edge
    where not (
        (
            edge.class in ('pg_type'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass)
            or edge.to_class in ('pg_type'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass)
        )
        and (edge.to_class, edge.to_object) in (select member.class, member.object from member)
    )
),
application (oid) as (
    select class.oid
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    where class.relkind in ('r', 'p', 'v', 'm', 'f') and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
),
root (owner, part, enabled, class, object) as (
    select fallback.adrelid, 'write', '', 'pg_attrdef'::regclass, fallback.oid from pg_attrdef as fallback
    union all
    select rule.conrelid, 'write', '', 'pg_constraint'::regclass, rule.oid
    from pg_constraint as rule
    where rule.conrelid <> 0
    union all
    select index.indrelid, 'write', '', 'pg_class'::regclass, index.indexrelid from pg_index as index
    union all
    select
        rewrite.ev_class,
        case rewrite.rulename when '_RETURN' then 'read' else 'write' end,
        '',
        'pg_rewrite'::regclass,
        rewrite.oid
    from pg_rewrite as rewrite
    union all
    select policy.polrelid, 'policy', '', 'pg_policy'::regclass, policy.oid from pg_policy as policy
    union all
    select trigger.tgrelid, 'trigger', trigger.tgenabled::text, 'pg_trigger'::regclass, trigger.oid
    from pg_trigger as trigger
    where not trigger.tgisinternal
    union all
    select application.oid, 'write', '', 'pg_class'::regclass, application.oid from application
),
walk (owner, part, enabled, class, object) as (
    select root.* from root join application on application.oid = root.owner
    union all
    select routine.oid, 'routine', '', 'pg_proc'::regclass, routine.oid
    from pg_proc as routine
    where routine.oid >= 16384
        and ('pg_proc'::regclass, routine.oid) not in (select member.class, member.object from member)
    union
    select walk.owner, walk.part, walk.enabled, own_edge.to_class, own_edge.to_object
    from walk
    join own_edge on own_edge.class = walk.class and own_edge.object = walk.object
    where walk.class <> 'pg_proc'::regclass or walk.object = walk.owner
),
own_text (type, routine) as (
    select conversion.castsource, conversion.castfunc
    from pg_cast as conversion
    where conversion.casttarget = 'text'::regtype and conversion.castfunc >= 16384
    union
    select domain.oid, own_text.routine from own_text join pg_type as domain on domain.typbasetype = own_text.type
)
select distinct
    walk.owner::bigint as owner, walk.part as part, walk.enabled as enabled, walk.object::bigint as routine
from walk
where walk.class = 'pg_proc'::regclass and not (walk.part = 'routine' and walk.object = walk.owner)
union
select attribute.attrelid::bigint, 'read', '', own_text.routine::bigint
from pg_attribute as attribute
join application on application.oid = attribute.attrelid
join own_text on own_text.type = attribute.atttypid
where attribute.attnum > 0 and not attribute.attisdropped
order by 1, 2, 3, 4
