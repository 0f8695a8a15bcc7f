-- Settings that are edited while the server runs. A null tenant means the whole service;
-- "nulls not distinct" needs version 15.
create table settings (
    tenant_id text references tenants,
    key text not null,
    value jsonb not null,
    changed_at timestamptz not null default now(),
    unique nulls not distinct (tenant_id, key)
);
