-- object: table tenantry.key_ring
-- about: The keys that tokens are signed with, each kept as the two pads of HMAC-SHA-256 (RFC 2104), so that a token
--   costs two calls of sha256(). Several may be valid at once: the newest signs, any of them verifies.
-- lock: none
-- undo: drop table tenantry.key_ring

create table tenantry.key_ring (
    id text primary key check (id ~ '^[a-z0-9_-]{1,32}$'),
    inner_pad bytea not null check (length(inner_pad) = 64),
    outer_pad bytea not null check (length(outer_pad) = 64),
    not_before timestamptz not null,
    not_after timestamptz not null check (not_after > not_before),
    longest_s integer not null check (longest_s between 1 and 3600),
    is_revoked boolean not null default false
);

alter table tenantry.key_ring owner to tenantry_context;

revoke all on table tenantry.key_ring from public;

comment on table tenantry.key_ring is 'Keys of context tokens; changed by tenantry.add_key().';
