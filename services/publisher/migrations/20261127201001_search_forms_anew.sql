-- migrate:up
-- The comparable form of names and words has changed (traditional characters, entities, punctuation at the edges): the service fills
-- these columns anew when it starts.
UPDATE publisher.public_operators SET search_name = NULL;
UPDATE publisher.public_items SET search_words = NULL;

-- migrate:down
SELECT 1;
