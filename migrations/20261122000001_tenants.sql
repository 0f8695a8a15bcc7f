-- The companies served. Ids are the short names in addresses and logs; they never change,
-- because contact ids are derived from them.
create table tenants (
    id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    name text not null check (name <> ''),
    tier text not null,
    locale text not null,
    time_zone text not null,
    created_at timestamptz not null default now()
);
