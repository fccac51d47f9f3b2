-- migrate:up
-- Recounts of all figures as stats says them, the newest of each day.
CREATE TABLE publisher.figure_verifications (
    day date PRIMARY KEY,
    verified_at timestamptz NOT NULL,
    complaints bigint NOT NULL,
    figures bigint NOT NULL,
    differences bigint NOT NULL
);

-- migrate:down
DROP TABLE publisher.figure_verifications;
