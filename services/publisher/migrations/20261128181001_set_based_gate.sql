-- migrate:up
-- The gate by statement: what a statement inserts is proved as one set, so that twenty thousand releases cost one look at the versions
-- and not six for each. The plan of a set is kept for the next statement, which may be of one row: rows are looked up by their keys.
CREATE FUNCTION publisher.prove_approvals() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    acting record;
    fault text;
    step_before text;
BEGIN
    PERFORM FROM inserted n JOIN publisher.versions v USING (item_id, version) FOR SHARE OF v;
    SELECT p.name, p.role INTO acting
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p;
    SELECT f.fault INTO fault
      FROM inserted n
      LEFT JOIN publisher.versions v ON (v.item_id, v.version) = (n.item_id, n.version)
     CROSS JOIN LATERAL (
           SELECT CASE
               WHEN v.digest IS DISTINCT FROM n.digest THEN 'the content of %s has changed since it was read'
               WHEN v.state <> (CASE n.step WHEN 'review' THEN 'draft' ELSE 'approved' END) THEN '%s is not at this step now'
               WHEN v.failing > 0 THEN '%s fails a check'
               WHEN v.drafted_by = n.person THEN '%s was drafted by the same person'
               WHEN n.person IS DISTINCT FROM acting.name
                    OR acting.role IS DISTINCT FROM (CASE n.step WHEN 'review' THEN 'reviewer' ELSE 'gatekeeper' END)
                    THEN 'the step of %s is not for this person'
           END) AS c(words)
     CROSS JOIN LATERAL (SELECT format(c.words, n.item_id)) AS f(fault)
     WHERE c.words IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', fault USING ERRCODE = 'check_violation';
    END IF;
    -- Two steps of the gate need two persons, not two accounts.
    SELECT pairs.step INTO step_before FROM (
        SELECT DISTINCT 'drafted' AS step, v.drafted_by AS other, n.person FROM inserted n JOIN publisher.versions v USING (item_id, version)
        UNION
        SELECT DISTINCT 'approved', a.person, n.person
          FROM inserted n
          JOIN publisher.approvals a USING (item_id, version, digest)
         WHERE a.person <> n.person) AS pairs
      WHERE accounts.is_same_person(pairs.other, pairs.person);
    IF FOUND THEN
        RAISE EXCEPTION 'what this is about was % by the same person in another account', step_before USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER guard_approval ON publisher.approvals;
DROP TRIGGER guard_persons ON publisher.approvals;
CREATE TRIGGER prove_approvals AFTER INSERT ON publisher.approvals
   REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION publisher.prove_approvals();

-- A reviewer or the gatekeeper holds what is to be published, for a reason, until who held it or a gatekeeper lifts that.
CREATE TABLE publisher.holds (
    hold_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id text NOT NULL REFERENCES publisher.items (item_id),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    held_by text NOT NULL,
    held_at timestamptz NOT NULL,
    lifted_by text,
    lifted_at timestamptz,
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);

CREATE UNIQUE INDEX holds_in_force ON publisher.holds (item_id) WHERE lifted_at IS NULL;

CREATE FUNCTION publisher.guard_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting record;
BEGIN
    SELECT p.name, p.role INTO acting
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p
     WHERE p.role IN ('reviewer', 'gatekeeper');
    IF TG_OP = 'INSERT' THEN
        IF acting.name IS DISTINCT FROM NEW.held_by OR NEW.lifted_at IS NOT NULL THEN
            RAISE EXCEPTION 'to hold % is not for this person', NEW.item_id USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.lifted_at IS NOT NULL OR acting.name IS DISTINCT FROM NEW.lifted_by
          OR (OLD.item_id, OLD.reason, OLD.held_by, OLD.held_at) IS DISTINCT FROM (NEW.item_id, NEW.reason, NEW.held_by, NEW.held_at)
          OR (acting.role <> 'gatekeeper' AND acting.name <> OLD.held_by)
    THEN
        RAISE EXCEPTION 'to lift the hold of % is not for this person', OLD.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_hold BEFORE INSERT OR UPDATE ON publisher.holds
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_hold();

-- The gatekeeper's release of a content that takes effect at its time. `outcome`: what became of it; `cause`: why it was stopped.
CREATE TABLE publisher.scheduled_releases (
    schedule_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    release_at timestamptz NOT NULL,
    scheduled_by text NOT NULL,
    scheduled_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('released', 'stopped', 'cancelled')),
    cause text CHECK (cause IN ('changed', 'returned', 'rejected', 'check_failed', 'disputed', 'held', 'notice_missing', 'gate_closed')),
    ended_at timestamptz,
    FOREIGN KEY (item_id, version) REFERENCES publisher.versions (item_id, version),
    CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    CHECK ((cause IS NULL) = (outcome IS DISTINCT FROM 'stopped'))
);

CREATE UNIQUE INDEX scheduled_releases_waiting ON publisher.scheduled_releases (item_id) WHERE outcome IS NULL;
CREATE INDEX scheduled_releases_due ON publisher.scheduled_releases (release_at, schedule_id) WHERE outcome IS NULL;
CREATE INDEX scheduled_releases_of_item ON publisher.scheduled_releases (item_id, version);
CREATE INDEX scheduled_releases_stopped ON publisher.scheduled_releases (ended_at DESC) WHERE outcome = 'stopped';

CREATE FUNCTION publisher.prove_schedules() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    acting text;
    fault text;
    step_before text;
BEGIN
    PERFORM FROM inserted n JOIN publisher.versions v USING (item_id, version) FOR SHARE OF v;
    SELECT p.name INTO acting
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p
     WHERE p.role = 'gatekeeper';
    SELECT format(c.words, n.item_id) INTO fault
      FROM inserted n
      LEFT JOIN publisher.versions v ON (v.item_id, v.version) = (n.item_id, n.version)
     CROSS JOIN LATERAL (
           SELECT CASE
               WHEN v.digest IS DISTINCT FROM n.digest THEN 'the content of %s has changed since it was read'
               WHEN v.state <> 'approved' OR v.failing > 0 THEN '%s is not approved for release'
               WHEN v.purpose <> 'publish' THEN '%s is withdrawn at once or not at all'
               WHEN n.outcome IS NOT NULL THEN '%s is not over'
               WHEN n.scheduled_by IS DISTINCT FROM acting THEN 'to release %s is not for this person'
               WHEN EXISTS (SELECT FROM publisher.holds h WHERE h.item_id = n.item_id AND h.lifted_at IS NULL)
                    THEN '%s is held'
           END) AS c(words)
     WHERE c.words IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', fault USING ERRCODE = 'check_violation';
    END IF;
    SELECT pairs.step INTO step_before FROM (
        SELECT DISTINCT 'drafted' AS step, v.drafted_by AS other, n.scheduled_by FROM inserted n JOIN publisher.versions v USING (item_id, version)
        UNION
        SELECT DISTINCT 'approved', a.person, n.scheduled_by FROM inserted n JOIN publisher.approvals a USING (item_id, version, digest)
      ) AS pairs
      WHERE accounts.is_same_person(pairs.other, pairs.scheduled_by);
    IF FOUND THEN
        RAISE EXCEPTION 'what this is about was % by the same person in another account', step_before USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER prove_schedules AFTER INSERT ON publisher.scheduled_releases
   REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION publisher.prove_schedules();

-- Nothing of a schedule changes but that it ends, once.
CREATE FUNCTION publisher.guard_schedule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome IS NOT NULL OR NEW.outcome IS NULL
       OR (OLD.item_id, OLD.version, OLD.digest, OLD.release_at, OLD.scheduled_by, OLD.scheduled_at)
       IS DISTINCT FROM (NEW.item_id, NEW.version, NEW.digest, NEW.release_at, NEW.scheduled_by, NEW.scheduled_at)
    THEN
        RAISE EXCEPTION 'the scheduled release of % only ends', OLD.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_schedule BEFORE UPDATE ON publisher.scheduled_releases
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_schedule();

-- A release takes effect on what was approved, and on nothing that came after: whatever touches the version ends the schedule.
CREATE FUNCTION publisher.end_schedule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE publisher.scheduled_releases
       SET outcome = CASE WHEN NEW.state = 'released' THEN 'released' ELSE 'stopped' END,
           cause = CASE WHEN NEW.state = 'released' THEN NULL WHEN NEW.state IN ('returned', 'rejected') THEN NEW.state
                        WHEN NEW.failing > 0 THEN 'check_failed' ELSE 'changed' END,
           ended_at = now()
     WHERE item_id = NEW.item_id
       AND version = NEW.version
       AND outcome IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER end_schedule AFTER UPDATE ON publisher.versions
   FOR EACH ROW WHEN (OLD.state = 'approved'
                      AND (NEW.state <> 'approved' OR NEW.failing > 0 OR NEW.digest IS DISTINCT FROM OLD.digest))
   EXECUTE FUNCTION publisher.end_schedule();

CREATE FUNCTION publisher.end_schedule_of_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE publisher.scheduled_releases
       SET outcome = 'stopped', cause = 'held', ended_at = now()
     WHERE item_id = NEW.item_id
       AND outcome IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER end_schedule_of_held AFTER INSERT ON publisher.holds
   FOR EACH ROW EXECUTE FUNCTION publisher.end_schedule_of_held();

-- Who deletes a hold would lift it, who deletes a schedule would deny it.
CREATE FUNCTION publisher.refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % stays', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER keep_holds BEFORE DELETE OR TRUNCATE ON publisher.holds
   FOR EACH STATEMENT EXECUTE FUNCTION publisher.refuse_deletion();
CREATE TRIGGER keep_schedules BEFORE DELETE OR TRUNCATE ON publisher.scheduled_releases
   FOR EACH STATEMENT EXECUTE FUNCTION publisher.refuse_deletion();

CREATE FUNCTION publisher.digest_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.digest := sha256(convert_to(NEW.body::text, 'UTF8'));
    RETURN NEW;
END $$;

-- Nothing gets into the release record but what the right persons approved, what one person may stop, or what a ruling withdraws.
-- The gatekeeper's approval was given in a session now, or earlier for a time that has come.
CREATE FUNCTION publisher.prove_releases() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    fault text;
BEGIN
    PERFORM FROM inserted n JOIN publisher.versions v USING (item_id, version) FOR SHARE OF v;
    SELECT format(c.words, n.item_id) INTO fault
      FROM inserted n
      LEFT JOIN publisher.versions v ON (v.item_id, v.version) = (n.item_id, n.version)
     CROSS JOIN LATERAL (
           SELECT v.purpose = 'withdraw' AND EXISTS (
                      SELECT FROM publisher.stops s
                       WHERE (s.item_id, s.version, s.digest, s.stopped_by) = (n.item_id, n.version, v.digest, n.released_by))
                      AS is_stop,
                  v.purpose = 'withdraw' AND (v.ruling_id IS NOT NULL
                      OR EXISTS (SELECT FROM accounts.display_names(ARRAY[v.drafted_by])))
                      AS is_decided) AS w
     CROSS JOIN LATERAL (
           SELECT CASE
               WHEN v.state IS DISTINCT FROM 'approved' OR v.failing > 0 THEN '%s is not approved for release'
               WHEN (n.body || v.form) IS DISTINCT FROM n.body THEN 'the public form of %s is not what was approved'
               WHEN (v.purpose = 'withdraw') <> (n.kind = 'withdrawn') THEN 'the purpose of %s is another one'
               WHEN v.ruling_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM publisher.rulings r
                         WHERE r.ruling_id = v.ruling_id AND r.item_id = n.item_id AND r.decision = 'withdrawn')
                    THEN 'no ruling withdraws %s'
               WHEN w.is_stop THEN NULL
               WHEN NOT (EXISTS (
                        SELECT FROM publisher.approvals a
                         WHERE a.item_id = n.item_id AND a.version = n.version AND a.digest = v.digest
                           AND a.step = 'release' AND a.person = n.released_by AND a.person <> v.drafted_by)
                    OR EXISTS (
                        SELECT FROM publisher.scheduled_releases s
                         WHERE s.item_id = n.item_id AND s.version = n.version AND s.digest = v.digest
                           AND s.outcome IS NULL AND s.scheduled_by = n.released_by AND s.scheduled_by <> v.drafted_by
                           AND s.release_at <= n.released_at AND s.release_at <= now()
                           AND NOT EXISTS (
                               SELECT FROM publisher.applications a
                                WHERE a.item_id = n.item_id AND a.ruled_at IS NULL AND a.kind = 'correction')))
                    THEN '%s lacks the approval of the gatekeeper'
               WHEN w.is_decided THEN NULL
               WHEN v.purpose = 'publish' AND EXISTS (
                        SELECT FROM publisher.holds h WHERE h.item_id = n.item_id AND h.lifted_at IS NULL)
                    THEN '%s is held'
               WHEN g.notice_workdays > 0 AND v.purpose = 'publish' AND v.form -> 'operator' <> 'null'::jsonb
                    AND NOT EXISTS (
                        SELECT FROM publisher.releases r WHERE r.item_id = n.item_id AND r.version <> n.version)
                    AND NOT EXISTS (
                        SELECT FROM publisher.operator_notices o
                         WHERE (o.item_id, o.version, o.digest) = (n.item_id, n.version, v.digest)
                           AND o.workdays >= g.notice_workdays AND o.release_from <= n.released_at)
                    THEN 'the operator of %s has not had its notice'
               WHEN g.wanted IS NULL OR g.wanted > (
                        SELECT count(*)
                          FROM publisher.approvals a
                         WHERE a.item_id = n.item_id AND a.version = n.version AND a.digest = v.digest
                           AND a.step = 'review' AND a.person NOT IN (n.released_by, v.drafted_by))
                    THEN '%s lacks a review'
           END
             FROM (SELECT) AS one
             LEFT JOIN LATERAL (
                  SELECT CASE WHEN v.warning > 0 THEN s.reviewers_at_risk ELSE s.reviewers END AS wanted, s.notice_workdays
                    FROM publisher.items i
                    JOIN publisher.gate_steps s ON s.board = i.board AND s.kind IN (coalesce(i.kind, ''), '')
                   WHERE i.item_id = n.item_id AND s.rules_version = n.rules_version
                   ORDER BY s.kind DESC
                   LIMIT 1) AS g ON true) AS c(words)
     WHERE c.words IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', fault USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER guard_release ON publisher.releases;
CREATE TRIGGER digest_release BEFORE INSERT ON publisher.releases
   FOR EACH ROW EXECUTE FUNCTION publisher.digest_release();
CREATE TRIGGER prove_releases AFTER INSERT ON publisher.releases
   REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION publisher.prove_releases();

-- A batch that is approved or released part by part, each a transaction: how far it is, for the page that shows it.
CREATE TABLE publisher.batch_runs (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL REFERENCES publisher.item_batches (batch_id),
    step text NOT NULL CHECK (step IN ('review', 'release')),
    person text NOT NULL,
    versions integer NOT NULL CHECK (versions > 0),
    done integer NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND versions),
    started_at timestamptz NOT NULL,
    touched_at timestamptz NOT NULL,
    ended_at timestamptz,
    refusal text
);

CREATE INDEX batch_runs_of_batch ON publisher.batch_runs (batch_id, run_id DESC);

-- The digest is that of the form: a change of state leaves both as they are.
CREATE FUNCTION publisher.keep_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.erased_at IS NULL OR NOT has_table_privilege('publisher.releases', 'UPDATE') THEN
        RAISE EXCEPTION 'version % of % is erased and cannot change', OLD.version, OLD.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER keep_version ON publisher.versions;
CREATE TRIGGER keep_version BEFORE INSERT OR UPDATE OF form, digest, erased_at ON publisher.versions
   FOR EACH ROW EXECUTE FUNCTION publisher.keep_version();
CREATE TRIGGER keep_erased BEFORE UPDATE ON publisher.versions
   FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION publisher.keep_erased();

DROP FUNCTION publisher.guard_approval();
DROP FUNCTION publisher.guard_persons();
DROP FUNCTION publisher.guard_release();

-- migrate:down
SELECT 1;
