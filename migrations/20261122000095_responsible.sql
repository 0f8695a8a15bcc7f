-- Who answers for what was given up on a tenant's behalf; named beside each dead letter.

alter table tenants add column responsible text not null default 'operations';
