-- migrate:up
-- Recounts of all figures, one a day: the newest of a day stays. `verified_at` is null while one runs.
CREATE TABLE stats.verifications (
    day date PRIMARY KEY,
    started_at timestamptz NOT NULL,
    verified_at timestamptz,
    complaints bigint,
    figures bigint,
    differences bigint,
    CHECK ((verified_at IS NULL) = (complaints IS NULL) AND (complaints IS NULL) = (figures IS NULL)
           AND (figures IS NULL) = (differences IS NULL))
);

-- migrate:down
DROP TABLE stats.verifications;
