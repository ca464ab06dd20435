-- object: function tenantry.proved(text)
-- about: Verifies a token and gives what the carrier is to hold, <tenant>,<actor>,<roles>,<scope>,<context id>; no row
--   where the token proves nothing. One query of few functions, inlined into who asks: it runs in every transaction,
--   and each function in it costs up to half a microsecond. Case, so that nothing is read of a token before its mac is
--   proved.
-- lock: none
-- undo: drop function tenantry.proved(text)

create or replace function tenantry.proved(token text) returns table (carrier text)
language sql stable parallel safe
begin atomic
    select pg_catalog.split_part(token, '.', 5)
    from tenantry.key_ring as ring
    where ring.id = pg_catalog.split_part(token, '.', 2)
        and case
            -- why so plain: a pattern with captures and counts costs up to half a millisecond
            when token ~ ('^v1\.[a-z0-9_-]+\.[0-9]+\.[0-9]+\.([unx][0-9a-fm]*[unx])?,'
                    '[0-9a-f]*,[0-9a-f]*,[0-9a-f]*,[0-9a-f]+\.([0-9a-f][0-9a-f])+$')
                -- why hashed: what is compared byte by byte is not what the caller sent, so its timing leads nowhere
                and pg_catalog.sha256(
                    tenantry.sign(ring.inner_pad, ring.outer_pad, pg_catalog.left(token, -65))
                ) = pg_catalog.sha256(pg_catalog.decode(pg_catalog.split_part(token, '.', 6), 'hex'))
            then
                not ring.is_revoked
                and pg_catalog.clock_timestamp() >= ring.not_before
                and pg_catalog.clock_timestamp() < ring.not_after
                -- why: 1 where some of the time its key allows is left, and no more than that
                and pg_catalog.ceil(
                    (
                        pg_catalog.left(pg_catalog.split_part(token, '.', 3), 15)::double precision
                        - pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())
                    ) / ring.longest_s
                ) = 1
                and coalesce(
                    nullif(pg_catalog.split_part(token, '.', 4), '0')::pg_catalog.numeric = pg_catalog.pg_backend_pid(),
                    true
                )
                -- why: whoever works across tenants must be somebody
                and (
                    pg_catalog.split_part(token, ',', 4) = ''
                    or pg_catalog.split_part(token, ',', 2) <> ''
                    or 'crossing' <> all (
                        pg_catalog.string_to_array(
                            pg_catalog.convert_from(pg_catalog.decode(pg_catalog.split_part(token, ',', 4), 'hex'), 'UTF8'),
                            ' '
                        )
                    )
                )
            else false
        end;
end;

alter function tenantry.proved(text) owner to tenantry_context;

revoke all on function tenantry.proved(text) from public;

comment on function tenantry.proved(text) is 'What a context token proves, as the carrier holds it.';
