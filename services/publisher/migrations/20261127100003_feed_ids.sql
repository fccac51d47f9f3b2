-- migrate:up
-- The authority of the ids in feeds (RFC 4151), chosen once. Entries first released up to `addresses_until` had addresses below
-- `address_base` as ids; their readers are told of the new ids.
CREATE TABLE publisher.feed_identity (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    authority text NOT NULL CHECK (authority ~ '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?,[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'),
    address_base text NOT NULL,
    addresses_until timestamptz
);

-- The first page of a feed has the newest withdrawals, however much was released since.
CREATE INDEX public_items_withdrawn ON publisher.public_items (board, release_seq DESC) WHERE state = 'withdrawn';

-- migrate:down
DROP INDEX publisher.public_items_withdrawn;
DROP TABLE publisher.feed_identity;
