-- about: The users' triggers, without those that keep foreign keys.
select
    trigger.tgname::text as name,
    trigger.tgrelid::bigint as relation,
    trigger.tgfoid::bigint as routine,
    trigger.tgenabled::text as enabled,
    pg_get_triggerdef(trigger.oid) as definition
from pg_trigger as trigger
where not trigger.tgisinternal
order by trigger.tgrelid, trigger.tgname
