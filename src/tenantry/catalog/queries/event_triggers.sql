-- about: Triggers that fire on statements which define objects.
select trigger.evtname::text as name, trigger.evtevent::text as event, trigger.evtfoid::bigint as routine,
    trigger.evtenabled::text as enabled
from pg_event_trigger as trigger
order by trigger.evtname
