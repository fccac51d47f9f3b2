-- migrate:up
-- Feeds by region and by industry have the withdrawals of all, since a withdrawn item says no more what it was about.
CREATE INDEX public_items_of_region ON publisher.public_items (region, release_seq DESC) WHERE state <> 'withdrawn';
CREATE INDEX public_items_of_industry ON publisher.public_items (industry, release_seq DESC) WHERE state <> 'withdrawn';
CREATE INDEX public_items_withdrawn_of_all ON publisher.public_items (release_seq DESC) WHERE state = 'withdrawn';

-- Requests to the WebSub hub that the callback has not confirmed yet.
CREATE TABLE publisher.hub_requests (
    callback text NOT NULL CHECK (length(callback) <= 2000),
    topic text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('subscribe', 'unsubscribe')),
    lease_s integer NOT NULL CHECK (lease_s > 0),
    secret bytea,
    requested_at timestamptz NOT NULL,
    PRIMARY KEY (callback, topic)
);

-- Subscriptions to feeds: what is public in a feed is brought to the callback until the lease ends.
CREATE TABLE publisher.hub_subscriptions (
    callback text NOT NULL CHECK (length(callback) <= 2000),
    topic text NOT NULL,
    secret bytea,
    lease_until timestamptz NOT NULL,
    sent_seq bigint NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    first_failure_at timestamptz,
    retry_at timestamptz,
    PRIMARY KEY (callback, topic)
);

CREATE INDEX hub_subscriptions_of_topic ON publisher.hub_subscriptions (topic);

-- migrate:down
DROP TABLE publisher.hub_subscriptions;
DROP TABLE publisher.hub_requests;
DROP INDEX publisher.public_items_withdrawn_of_all;
DROP INDEX publisher.public_items_of_industry;
DROP INDEX publisher.public_items_of_region;
