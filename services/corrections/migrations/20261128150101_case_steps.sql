-- migrate:up
-- What moves a deadline beside the calendar: evidence that is asked for once, while the clock stands still, and one extension.
ALTER TABLE corrections.applications
    ADD COLUMN request_words text,
    ADD COLUMN requested_by text,
    ADD COLUMN requested_on date,
    ADD COLUMN request_due_on date,
    ADD COLUMN request_answered_on date,
    ADD COLUMN extension_workdays integer,
    ADD COLUMN extension_reason text,
    ADD COLUMN extended_by text,
    ADD COLUMN stopped_workdays integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT evidence_request_whole CHECK (
        num_nulls(request_words, requested_by, requested_on, request_due_on) IN (0, 4)
        AND (request_answered_on IS NULL OR request_answered_on BETWEEN requested_on AND request_due_on)
        AND request_due_on >= requested_on) NOT VALID,
    ADD CONSTRAINT extension_whole CHECK (
        num_nulls(extension_workdays, extension_reason, extended_by) IN (0, 3) AND extension_workdays > 0) NOT VALID,
    ADD CONSTRAINT stopped_workdays_counted CHECK (stopped_workdays >= 0) NOT VALID;

ALTER TABLE corrections.deadline_changes
    ADD COLUMN cause text NOT NULL DEFAULT 'calendar',
    ADD CONSTRAINT deadline_changes_cause CHECK (cause IN ('calendar', 'evidence_requested', 'evidence_received', 'extended')) NOT VALID;

-- Which of the counted complaints the applicant holds to be wrong; once the decision is made it stays.
CREATE TABLE corrections.disputed_complaints (
    application_id uuid NOT NULL REFERENCES corrections.applications (application_id),
    complaint_id uuid NOT NULL REFERENCES corrections.complaints (complaint_id),
    disputed_at timestamptz NOT NULL,
    PRIMARY KEY (application_id, complaint_id)
);

CREATE INDEX disputed_complaints_of_complaint ON corrections.disputed_complaints (complaint_id);

-- migrate:down
DROP TABLE corrections.disputed_complaints;
ALTER TABLE corrections.deadline_changes DROP CONSTRAINT deadline_changes_cause;
-- squawk-ignore ban-drop-column
ALTER TABLE corrections.deadline_changes DROP COLUMN cause;
ALTER TABLE corrections.applications
    DROP CONSTRAINT evidence_request_whole, DROP CONSTRAINT extension_whole, DROP CONSTRAINT stopped_workdays_counted;
-- squawk-ignore ban-drop-column
ALTER TABLE corrections.applications
    DROP COLUMN request_words, DROP COLUMN requested_by, DROP COLUMN requested_on, DROP COLUMN request_due_on,
    DROP COLUMN request_answered_on, DROP COLUMN extension_workdays, DROP COLUMN extension_reason, DROP COLUMN extended_by,
    DROP COLUMN stopped_workdays;
