-- A template that an operator paused is not sent until it is resumed, whatever its provider says.
-- Synchronising leaves this column alone.
alter table templates add column rests boolean not null default false;
