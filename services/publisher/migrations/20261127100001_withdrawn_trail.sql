-- migrate:up
-- Nothing leads from a withdrawn item to the operator that it was about, and an operator of whom nothing is public is not listed.
UPDATE publisher.public_items SET operator_key = NULL WHERE state = 'withdrawn';
ALTER TABLE publisher.public_items ADD CONSTRAINT public_items_withdrawn_without_content CHECK (
    state <> 'withdrawn' OR (operator_key, operator_name, region, industry, period) IS NULL) NOT VALID;
ALTER TABLE publisher.public_items VALIDATE CONSTRAINT public_items_withdrawn_without_content;

DELETE FROM publisher.public_operators o
 WHERE NOT EXISTS (SELECT FROM publisher.public_items p WHERE p.operator_key = o.key);

-- What is shown of an operator comes from the items that are public, not from those that were withdrawn.
UPDATE publisher.public_operators o
   SET name = n.name, uscc = n.uscc, address = n.address, scope = n.scope, region = n.region, industry = n.industry
  FROM (SELECT p.operator_key AS key,
               (array_agg(p.body #>> '{operator,name}' ORDER BY p.release_seq DESC))[1] AS name,
               (array_agg(p.body #>> '{operator,uscc}' ORDER BY p.release_seq DESC))[1] AS uscc,
               (array_remove(array_agg(p.body #>> '{operator,address}' ORDER BY p.release_seq DESC), NULL))[1] AS address,
               (array_remove(array_agg(p.body #>> '{operator,scope}' ORDER BY p.release_seq DESC), NULL))[1] AS scope,
               (array_remove(array_agg(p.region ORDER BY p.release_seq DESC), NULL))[1] AS region,
               (array_remove(array_agg(p.industry ORDER BY p.release_seq DESC), NULL))[1] AS industry
          FROM publisher.public_items p
         WHERE p.operator_key IS NOT NULL
         GROUP BY p.operator_key) n
 WHERE o.key = n.key;

-- migrate:down
ALTER TABLE publisher.public_items DROP CONSTRAINT public_items_withdrawn_without_content;
