-- Secrets are sealed by the server before they come here, each bound to its table, column
-- and row, so that a stolen dump or a swapped cell opens nothing.

create table glpi_connections (
    id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    tenant_id text not null references tenants,
    url text not null,
    app_token bytea,
    user_token bytea not null,
    fallback_entity bigint not null default 0,
    created_at timestamptz not null default now(),
    -- Lets a channel point at a connection of its own tenant only.
    unique (tenant_id, id)
);

create table channels (
    id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    tenant_id text not null references tenants,
    provider text not null,
    phone_number_id text not null check (phone_number_id ~ '^[0-9]+$'),
    business_account_id text not null check (business_account_id ~ '^[0-9]+$'),
    number text not null check (number ~ '^[0-9]+$'),
    app_secret bytea not null,
    verify_token bytea not null,
    access_token bytea not null,
    mode text not null,
    merge_interval_ms bigint not null check (merge_interval_ms >= 15000),
    ticket_prefix text not null,
    glpi_connection_id text,
    created_at timestamptz not null default now(),
    -- A webhook names the number; two channels on one number could not be told apart.
    constraint one_channel_for_a_number unique (provider, phone_number_id),
    constraint connection_of_the_same_tenant
        foreign key (tenant_id, glpi_connection_id) references glpi_connections (tenant_id, id)
);
