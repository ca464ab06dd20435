-- about: Notes that a plan is begun, unless another one that was begun has steps still to come.
do $begin$
declare
    unfinished text;
begin
    select plan.digest into unfinished
    from tenantry.plan as plan
    where plan.status in ('running', 'undoing')
        and pg_catalog.jsonb_array_length(plan.document -> 'steps')
            > (
                select pg_catalog.count(*) from tenantry.step as step
                where step.plan = plan.number and step.status = 'done'
            )
    limit 1;
    if found then
        raise exception using
            message = 'tenantry: plan ' || pg_catalog.left(unfinished, 12) || ' was begun here and is not ended',
            hint = 'Run the rest of its files, or tenantry apply to go on with it, or tenantry undo.';
    end if;
end
$begin$;

insert into tenantry.plan (digest, document, status) values (%(digest)s, %(document)s, 'running');
