-- What people are told of their tickets, by tenant; and the secret with which a GLPI 11 signs its
-- webhooks, by connection.

alter table tenants
    add column notices text[] not null
        default '{assigned,followup,pending,solved,closed}';

alter table glpi_connections
    add column webhook_secret bytea;
