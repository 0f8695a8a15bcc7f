-- Bearer tokens. Only the SHA-256 is here: tokens are long and random, so it cannot be
-- guessed back, and a look-up needs no slow hash.
create table api_tokens (
    digest bytea primary key check (octet_length(digest) = 32),
    -- Null: a token of the service's operators.
    tenant_id text references tenants,
    scopes text[] not null,
    expires_at timestamptz,
    created_at timestamptz not null default now()
);
