-- Jobs and the messages that they still owe. Statements end at an empty line. Times are
-- milliseconds since 1970 in UTC; 0 stands for "not yet".

CREATE TABLE jobs (
    row         INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which jobs came
    id          TEXT    NOT NULL UNIQUE CHECK (length(id) = 32),
    name        TEXT    NOT NULL CHECK (name <> ''),
    image_type  TEXT    NOT NULL,
    overlay     TEXT    NOT NULL,
    email       TEXT    NOT NULL,
    state       TEXT    NOT NULL
                CHECK (state IN ('queued', 'building', 'done', 'error', 'cancelled')),
    attempt     INTEGER NOT NULL CHECK (attempt BETWEEN 1 AND 1000),
    worker      TEXT    NOT NULL DEFAULT '',
    stage       TEXT    NOT NULL DEFAULT '',
    stage_done  INTEGER NOT NULL DEFAULT 0,
    stage_total INTEGER NOT NULL DEFAULT 0,
    stage_unit  TEXT    NOT NULL DEFAULT '',
    stage_text  TEXT    NOT NULL DEFAULT '',
    error       TEXT    NOT NULL DEFAULT '',
    error_stage TEXT    NOT NULL DEFAULT '',
    image       TEXT    NOT NULL DEFAULT '',
    created     INTEGER NOT NULL,
    started     INTEGER NOT NULL DEFAULT 0,
    finished    INTEGER NOT NULL DEFAULT 0,
    lease_end   INTEGER NOT NULL DEFAULT 0,
    kickstart   TEXT    NOT NULL,  -- last: a page of the queue is read without it
    CHECK ((state = 'building') = (lease_end > 0)),
    CHECK (state <> 'building' OR (worker <> '' AND started > 0)),
    CHECK (state <> 'queued' OR worker = ''),
    CHECK ((state IN ('done', 'error', 'cancelled')) = (finished > 0)),
    CHECK ((state = 'done') = (image <> '')),
    CHECK ((state = 'error') = (error <> ''))
)

-- Two unfinished jobs would write the same files under one name.
CREATE UNIQUE INDEX jobs_name_in_use ON jobs (name) WHERE state IN ('queued', 'building')

CREATE INDEX jobs_by_state ON jobs (state, row)

CREATE INDEX jobs_by_lease ON jobs (lease_end) WHERE state = 'building'

CREATE TABLE outbox (
    row     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT    NOT NULL CHECK (kind IN ('build', 'cancel')),
    job     TEXT    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    UNIQUE (job, kind, attempt)
)

-- The front page shows how many jobs are in each state; counting a million rows takes 30 ms.
CREATE TABLE job_counts (
    state TEXT    PRIMARY KEY,
    jobs  INTEGER NOT NULL CHECK (jobs >= 0)
) WITHOUT ROWID

INSERT INTO job_counts (state, jobs)
VALUES ('queued', 0), ('building', 0), ('done', 0), ('error', 0), ('cancelled', 0)

CREATE TRIGGER jobs_count_new AFTER INSERT ON jobs BEGIN
    UPDATE job_counts SET jobs = jobs + 1 WHERE state = NEW.state;
END

CREATE TRIGGER jobs_count_gone AFTER DELETE ON jobs BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE state = OLD.state;
END

CREATE TRIGGER jobs_count_moved AFTER UPDATE OF state ON jobs WHEN OLD.state <> NEW.state BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE state = OLD.state;
    UPDATE job_counts SET jobs = jobs + 1 WHERE state = NEW.state;
END
