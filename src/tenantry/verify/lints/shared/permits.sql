-- about: Which permissive policies of tenants' tables stand side by side for one role and one command.
-- uses: spoken, floor, verb, asker
select
    spoken.*, asker.oid as asker, verb.command as verb, verb.word,
    case
        when verb.command <> 'a' or spoken.check_text is null then spoken.using_names_tenant
        else spoken.check_names_tenant
    end as names_tenant,
    coalesce(
        case when verb.command = 'a' then coalesce(spoken.check_plain, spoken.using_plain) else spoken.using_plain end,
        'true'
    ) as plain,
    count(*) over same as policies
from spoken
join verb on spoken.command in (verb.command, '*')
join asker on spoken.is_public
    or exists (select from unnest(spoken.roles) as target (oid) where pg_has_role(asker.oid, target.oid, 'USAGE'))
where spoken.is_permissive and spoken.relrowsecurity
    and not exists (
        select from floor where floor.relid = spoken.relid and floor.command in (verb.command, '*')
    )
window same as (partition by spoken.relid, asker.oid, verb.command)
