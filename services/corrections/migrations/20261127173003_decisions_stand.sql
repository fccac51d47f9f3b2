-- migrate:up
-- A decision and what follows from it stand, whoever is signed in to the database: another decision is another application.
CREATE FUNCTION corrections.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever appended to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER decisions_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON corrections.decisions
   FOR EACH STATEMENT EXECUTE FUNCTION corrections.refuse_change();
CREATE TRIGGER effects_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON corrections.complaint_effects
   FOR EACH STATEMENT EXECUTE FUNCTION corrections.refuse_change();
CREATE TRIGGER field_corrections_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON corrections.field_corrections
   FOR EACH STATEMENT EXECUTE FUNCTION corrections.refuse_change();

-- migrate:down
DROP TRIGGER field_corrections_stand ON corrections.field_corrections;
DROP TRIGGER effects_stand ON corrections.complaint_effects;
DROP TRIGGER decisions_stand ON corrections.decisions;
DROP FUNCTION corrections.refuse_change();
