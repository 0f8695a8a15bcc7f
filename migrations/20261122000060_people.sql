-- The people behind the channels. Their rows hold no secrets, so each is one document, checked by
-- the server before it comes here; what other rows point at stands beside it.

create table queues (
    tenant_id text not null references tenants,
    id text not null check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    settings jsonb not null,
    revision bigint not null default 1,
    primary key (tenant_id, id)
);

create table cohorts (
    tenant_id text not null references tenants,
    id text not null check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    settings jsonb not null,
    revision bigint not null default 1,
    primary key (tenant_id, id)
);

create table rules (
    tenant_id text not null references tenants,
    id text not null check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    settings jsonb not null,
    revision bigint not null default 1,
    primary key (tenant_id, id)
);

create trigger directory_change after insert or update or delete or truncate on queues
    for each statement execute function count_directory_change();
create trigger directory_change after insert or update or delete or truncate on cohorts
    for each statement execute function count_directory_change();
create trigger directory_change after insert or update or delete or truncate on rules
    for each statement execute function count_directory_change();

-- Each channel has a queue of its own tenant, or nobody to hand over to.
alter table channels
    add column queue_id text,
    add column messages_before_people bigint not null default 6,
    add column known_numbers text[] not null default '{}',
    add column unknown_numbers text not null default 'accept',
    add column refusal_text text,
    add column paused boolean not null default false,
    add column revision bigint not null default 1,
    add constraint queue_of_the_same_tenant
        foreign key (tenant_id, queue_id) references queues (tenant_id, id);

alter table tenants add column revision bigint not null default 1;
alter table glpi_connections add column revision bigint not null default 1;

-- Who changed what, and when. Values of secrets never come here.
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    who text not null,
    tenant_id text,
    kind text not null,
    row_id text not null,
    what text not null,
    changes jsonb not null
);

create index audit_of_a_tenant on audit (tenant_id, id desc);
