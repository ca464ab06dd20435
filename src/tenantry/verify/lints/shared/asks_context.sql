-- about: Routines that ask for the context, or call one that does.
-- uses: routine, calls
select routine.oid
from routine
where routine.source ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
union
select calls.caller
from asks_context as asking
join calls on calls.callee = asking.oid
