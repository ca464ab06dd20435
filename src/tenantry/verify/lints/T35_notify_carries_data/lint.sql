-- title: A notification carries data
-- level: note
-- kind: weakness
-- why: Channels have no privileges: whoever may connect to the database can listen on any of them and read every
--   payload.
-- fix: Send a notification without data (or with a key that says nothing) and let the listener read the row under its
--   own rights.
-- uses: source_text
select
    source.name as object,
    null::text as relation,
    null::text as role,
    format(
        '%s sends a notification with a payload; every role that can connect may listen and read it.', source.name
    ) as detail,
    null::text as fix
from source_text as source
where regexp_replace(
    source.text, $re$\mpg_notify\s*\([^()]*,\s*(''|null)\s*\)$re$, '', 'gi'
) ~* $re$\mpg_notify\s*\($re$
    or source.text ~* $re$\mnotify\s+("[^"]+"|[\w%]+)\s*,\s*('[^']|%L)$re$
order by 1
