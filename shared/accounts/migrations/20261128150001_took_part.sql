-- migrate:up
-- Whether the person of a session, under whichever account, drafted, approved or released a version of an item.
CREATE FUNCTION accounts.took_part(session bytea, item text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM accounts.person_of_session(session) s
         CROSS JOIN LATERAL (
               SELECT a.person FROM publisher.approvals a WHERE a.item_id = item
                UNION
               SELECT v.drafted_by FROM publisher.versions v WHERE v.item_id = item
                UNION
               SELECT r.released_by FROM publisher.releases r WHERE r.item_id = item
               ) AS part (person)
         WHERE accounts.is_same_person(part.person, s.name));
END
$$;

ALTER FUNCTION accounts.took_part(bytea, text) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.took_part(bytea, text);
