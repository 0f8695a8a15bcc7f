-- What went in and out of each part, for tracing one request through the service. Contents
-- are never here, only their digest: equal digests show that equal bytes came and went.
create table trace_log (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    level text not null check (level in ('info', 'warn', 'error')),
    module text not null,
    direction text not null check (direction in ('in', 'out')),
    correlation_id text not null,
    payload_digest bytea check (octet_length(payload_digest) = 32),
    message text not null
);

create index trace_log_by_correlation on trace_log (correlation_id, id);
-- Old rows are removed by age; rows arrive in that order, for which a brin index is tiny.
create index trace_log_by_age on trace_log using brin (at);
