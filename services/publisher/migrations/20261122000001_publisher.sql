-- migrate:up
CREATE SCHEMA IF NOT EXISTS publisher;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- The newest version of every figure that something is drafted or shown from.
CREATE TABLE publisher.figures (
    subject_kind text NOT NULL CHECK (subject_kind IN ('all', 'operator', 'region')),
    subject text NOT NULL,
    period_kind text NOT NULL CHECK (period_kind IN ('month', 'quarter', 'half', 'year')),
    period text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    complaints integer NOT NULL CHECK (complaints >= 0),
    complaints_at_close integer NOT NULL CHECK (complaints_at_close >= 0),
    measures jsonb NOT NULL,
    restated_from jsonb,
    as_of timestamptz NOT NULL,
    PRIMARY KEY (subject_kind, subject, period_kind, period)
) WITH (fillfactor = 70);

CREATE INDEX figures_of_operators_by_month ON publisher.figures (period)
 WHERE subject_kind = 'operator' AND period_kind = 'month';

-- What is known of the operators that figures are about.
CREATE TABLE publisher.operators (
    key text PRIMARY KEY,
    name text NOT NULL,
    uscc text,
    address text,
    scope text,
    region text,
    industry text
) WITH (fillfactor = 85);

-- Closed months, and when their basic items were drafted.
CREATE TABLE publisher.closings (
    month text PRIMARY KEY CHECK (month ~ '^[0-9]{4}-[0-9]{2}$'),
    operators integer NOT NULL CHECK (operators >= 0),
    complaints integer NOT NULL CHECK (complaints >= 0),
    closed_at timestamptz NOT NULL,
    drafted_at timestamptz
);

CREATE INDEX closings_waiting ON publisher.closings (month) WHERE drafted_at IS NULL;

-- How many reviewers each version of the rules asks for. A row never changes: the rules that releases were made under stand.
CREATE TABLE publisher.gate (
    rules_version text NOT NULL,
    board text NOT NULL CHECK (board IN ('basic', 'major', 'analysis', 'warnings', 'penalties', 'other')),
    reviewers integer NOT NULL CHECK (reviewers >= 1),
    PRIMARY KEY (rules_version, board)
);

CREATE SEQUENCE publisher.item_numbers;

-- One thing to be published. The natural key is what it is about: it exists once.
CREATE TABLE publisher.items (
    item_id text PRIMARY KEY CHECK (item_id ~ '^GS-[0-9]{4}-[0-9]{6,9}$'),
    board text NOT NULL CHECK (board IN ('basic', 'major', 'analysis', 'warnings', 'penalties', 'other')),
    natural_key text NOT NULL,
    drafted_at timestamptz NOT NULL,
    UNIQUE (board, natural_key)
);

-- Rulings on applications, as corrections said them.
CREATE TABLE publisher.rulings (
    ruling_id uuid PRIMARY KEY,
    item_id text NOT NULL,
    receipt text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('upheld', 'corrected', 'withdrawn')),
    reason_code text NOT NULL,
    public_reason text NOT NULL,
    reply_number text NOT NULL,
    decided_at timestamptz NOT NULL,
    rules_version text NOT NULL
);

CREATE INDEX rulings_of_item ON publisher.rulings (item_id, decided_at DESC);

-- Every version that was drafted. `form` is all that will be public of it; `digest` is always that of `form`.
CREATE TABLE publisher.versions (
    item_id text NOT NULL REFERENCES publisher.items (item_id),
    version integer NOT NULL CHECK (version > 0),
    purpose text NOT NULL CHECK (purpose IN ('publish', 'withdraw')),
    state text NOT NULL CHECK (state IN ('draft', 'returned', 'approved', 'released', 'superseded', 'rejected')),
    form jsonb NOT NULL CHECK (jsonb_typeof(form) = 'object'),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    facts jsonb NOT NULL DEFAULT '{}',
    checks jsonb NOT NULL CHECK (jsonb_typeof(checks) = 'array'),
    failing integer NOT NULL CHECK (failing >= 0),
    warning integer NOT NULL CHECK (warning >= 0),
    drafted_by text NOT NULL,
    drafted_at timestamptz NOT NULL,
    rules_version text NOT NULL,
    ruling_id uuid REFERENCES publisher.rulings (ruling_id),
    return_code text,
    return_note text,
    decided_by text,
    decided_at timestamptz,
    PRIMARY KEY (item_id, version),
    CHECK (state <> 'returned' OR (return_code IS NOT NULL AND return_note IS NOT NULL)),
    CHECK (ruling_id IS NULL OR purpose = 'withdraw')
);

-- An item has one version at work and one in public.
CREATE UNIQUE INDEX versions_open ON publisher.versions (item_id) WHERE state IN ('draft', 'returned', 'approved');
CREATE UNIQUE INDEX versions_public ON publisher.versions (item_id) WHERE state = 'released';
CREATE INDEX versions_by_state ON publisher.versions (state, drafted_at, item_id)
 WHERE state IN ('draft', 'returned', 'approved');

CREATE FUNCTION publisher.keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('released', 'superseded') AND NEW.form IS DISTINCT FROM OLD.form THEN
        RAISE EXCEPTION 'version % of % has been public and cannot change', OLD.version, OLD.item_id
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.digest := sha256(convert_to(NEW.form::text, 'UTF8'));
    RETURN NEW;
END $$;

CREATE TRIGGER keep_version BEFORE INSERT OR UPDATE ON publisher.versions
   FOR EACH ROW EXECUTE FUNCTION publisher.keep_version();

-- Who approved which content at which step. One person, one step for the same content.
CREATE TABLE publisher.approvals (
    item_id text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL,
    person text NOT NULL,
    step text NOT NULL CHECK (step IN ('review', 'release')),
    at timestamptz NOT NULL,
    rules_version text NOT NULL,
    PRIMARY KEY (item_id, version, digest, person),
    FOREIGN KEY (item_id, version) REFERENCES publisher.versions (item_id, version)
);

CREATE FUNCTION publisher.guard_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft publisher.versions%ROWTYPE;
BEGIN
    SELECT * INTO draft FROM publisher.versions WHERE item_id = NEW.item_id AND version = NEW.version FOR SHARE;
    IF draft.digest IS DISTINCT FROM NEW.digest THEN
        RAISE EXCEPTION 'the content of % has changed since it was read', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF draft.state <> (CASE NEW.step WHEN 'review' THEN 'draft' ELSE 'approved' END) THEN
        RAISE EXCEPTION '% is %: no step % now', NEW.item_id, draft.state, NEW.step USING ERRCODE = 'check_violation';
    END IF;
    IF draft.failing > 0 THEN
        RAISE EXCEPTION '% fails a check', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF draft.drafted_by = NEW.person THEN
        RAISE EXCEPTION '% was drafted by the same person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    PERFORM FROM accounts.people
      WHERE name = NEW.person AND active
        AND role = CASE NEW.step WHEN 'review' THEN 'reviewer' ELSE 'gatekeeper' END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'step % is not for this person', NEW.step USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_approval BEFORE INSERT ON publisher.approvals
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_approval();

-- The release record: what became public when, in the order of `release_seq`. Only ever appended to.
CREATE TABLE publisher.releases (
    release_seq bigint PRIMARY KEY CHECK (release_seq > 0),
    item_id text NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('released', 'corrected', 'withdrawn')),
    body jsonb NOT NULL,
    digest bytea NOT NULL,
    released_by text NOT NULL,
    released_at timestamptz NOT NULL,
    rules_version text NOT NULL,
    UNIQUE (item_id, version),
    FOREIGN KEY (item_id, version) REFERENCES publisher.versions (item_id, version)
);

CREATE INDEX releases_of_changes ON publisher.releases (release_seq DESC) WHERE kind IN ('corrected', 'withdrawn');

-- The gate. Nothing gets into the release record but what the right persons approved, or what a ruling withdraws.
CREATE FUNCTION publisher.guard_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    draft publisher.versions%ROWTYPE;
    wanted integer;
    reviewed integer;
BEGIN
    SELECT * INTO draft FROM publisher.versions WHERE item_id = NEW.item_id AND version = NEW.version FOR SHARE;
    IF NOT FOUND OR draft.state <> 'approved' OR draft.failing > 0 THEN
        RAISE EXCEPTION '% is not approved for release', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(draft.form) f WHERE NEW.body -> f.key IS DISTINCT FROM f.value) THEN
        RAISE EXCEPTION 'the public form of % is not what was approved', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF (draft.purpose = 'withdraw') <> (NEW.kind = 'withdrawn') THEN
        RAISE EXCEPTION 'the purpose of % is to %', NEW.item_id, draft.purpose USING ERRCODE = 'check_violation';
    END IF;
    NEW.digest := sha256(convert_to(NEW.body::text, 'UTF8'));
    IF draft.ruling_id IS NOT NULL THEN
        PERFORM FROM publisher.rulings r
          WHERE r.ruling_id = draft.ruling_id AND r.item_id = NEW.item_id AND r.decision = 'withdrawn';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no ruling withdraws %', NEW.item_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM FROM publisher.approvals a
      WHERE a.item_id = NEW.item_id AND a.version = NEW.version AND a.digest = draft.digest
        AND a.step = 'release' AND a.person = NEW.released_by AND a.person <> draft.drafted_by;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% lacks the approval of the gatekeeper', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    -- A withdrawal from the desk is proposed by one person and released by another; new content is reviewed as well.
    IF draft.purpose = 'withdraw' THEN
        RETURN NEW;
    END IF;
    SELECT g.reviewers INTO wanted
      FROM publisher.gate g
      JOIN publisher.items i ON i.board = g.board
     WHERE i.item_id = NEW.item_id AND g.rules_version = NEW.rules_version;
    SELECT count(*) INTO reviewed
      FROM publisher.approvals a
     WHERE a.item_id = NEW.item_id AND a.version = NEW.version AND a.digest = draft.digest
       AND a.step = 'review' AND a.person NOT IN (NEW.released_by, draft.drafted_by);
    IF wanted IS NULL OR reviewed < wanted THEN
        RAISE EXCEPTION '% has % of % reviews', NEW.item_id, reviewed, wanted USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_release BEFORE INSERT ON publisher.releases
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_release();

-- The newest public form of every item: what pages, feeds, screens and the interface read.
CREATE TABLE publisher.public_items (
    item_id text PRIMARY KEY REFERENCES publisher.items (item_id),
    release_seq bigint NOT NULL UNIQUE REFERENCES publisher.releases (release_seq),
    board text NOT NULL,
    state text NOT NULL CHECK (state IN ('released', 'corrected', 'withdrawn')),
    operator_key text,
    operator_name text,
    region text,
    industry text,
    period text,
    expires_on date,
    words text NOT NULL,
    body jsonb NOT NULL
) WITH (fillfactor = 85);

-- Nothing is shown but what the release record holds: the gate can't be gone round by writing here.
CREATE FUNCTION publisher.guard_public() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM publisher.releases r
      WHERE r.release_seq = NEW.release_seq AND r.item_id = NEW.item_id AND r.body = NEW.body;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the public form of % is not that of release %', NEW.item_id, NEW.release_seq
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_public BEFORE INSERT OR UPDATE ON publisher.public_items
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_public();

CREATE INDEX public_items_by_release ON publisher.public_items (board, release_seq DESC);
CREATE INDEX public_items_by_name ON publisher.public_items (board, period, operator_name, item_id)
 WHERE state <> 'withdrawn';
CREATE INDEX public_items_of_operator ON publisher.public_items (operator_key, board, period);
-- Basic items are found by their operator; their words say nothing else.
CREATE INDEX public_items_words ON publisher.public_items USING gin (words public.gin_trgm_ops)
 WHERE state <> 'withdrawn' AND board <> 'basic';

-- Operators of whom something is public.
CREATE TABLE publisher.public_operators (
    key text PRIMARY KEY,
    name text NOT NULL,
    uscc text,
    address text,
    scope text,
    region text,
    industry text
) WITH (fillfactor = 85);

CREATE UNIQUE INDEX public_operators_uscc ON publisher.public_operators (uscc) WHERE uscc IS NOT NULL;
CREATE INDEX public_operators_name ON publisher.public_operators USING gin (name public.gin_trgm_ops);

-- Operators' applications on items, while they wait and after.
CREATE TABLE publisher.applications (
    application_id uuid PRIMARY KEY,
    item_id text NOT NULL,
    receipt text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('query', 'correction')),
    filed_at timestamptz NOT NULL,
    due_on date NOT NULL,
    ruled_at timestamptz
);

CREATE INDEX applications_waiting ON publisher.applications (item_id) WHERE ruled_at IS NULL AND kind = 'correction';

-- Display screens, and what they say they have shown.
CREATE TABLE publisher.screens (
    screen_id text PRIMARY KEY CHECK (screen_id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    region text,
    registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE publisher.acknowledgements (
    screen_id text NOT NULL REFERENCES publisher.screens (screen_id),
    item_id text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    shown_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (screen_id, item_id, version)
);

CREATE INDEX acknowledgements_of_item ON publisher.acknowledgements (item_id, version);

-- migrate:down
DROP TABLE publisher.acknowledgements;
DROP TABLE publisher.screens;
DROP TABLE publisher.applications;
DROP TABLE publisher.public_operators;
DROP TABLE publisher.public_items;
DROP TABLE publisher.releases;
DROP TABLE publisher.approvals;
DROP TABLE publisher.versions;
DROP TABLE publisher.rulings;
DROP TABLE publisher.items;
DROP SEQUENCE publisher.item_numbers;
DROP TABLE publisher.gate;
DROP TABLE publisher.closings;
DROP TABLE publisher.operators;
DROP TABLE publisher.figures;
DROP FUNCTION publisher.guard_public();
DROP FUNCTION publisher.guard_release();
DROP FUNCTION publisher.guard_approval();
DROP FUNCTION publisher.keep_version();
