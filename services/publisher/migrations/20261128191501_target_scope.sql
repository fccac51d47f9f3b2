-- migrate:up
-- Whether an item is one that goes to a target; an empty list of its scope is every one.
CREATE FUNCTION publisher.is_in_scope(target publisher.targets, board text, kind text, region text, uscc text)
    RETURNS boolean LANGUAGE sql STABLE
    RETURN (target.boards = '{}' OR board = ANY (target.boards))
       AND (target.kinds = '{}' OR kind = ANY (target.kinds))
       AND (target.regions = '{}' OR region = ANY (target.regions))
       AND (target.operators = '{}' OR uscc = ANY (target.operators));

-- migrate:down
DROP FUNCTION publisher.is_in_scope;
