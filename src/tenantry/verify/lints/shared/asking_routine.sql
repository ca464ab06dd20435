-- about: Functions that ask who calls.
select proc.oid
from pg_proc as proc
where proc.pronamespace <> 'pg_catalog'::regnamespace
    and proc.prosrc ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
