-- What several services on one database and many workers need. The tables are made anew: SQLite
-- changes no CHECK of one that is there, and columns behind the kickstart would be slow to reach.

DROP TABLE outbox

CREATE TABLE new_jobs (
    row          INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which jobs came
    id           TEXT    NOT NULL UNIQUE CHECK (length(id) = 32),
    name         TEXT    NOT NULL CHECK (name <> ''),
    image_type   TEXT    NOT NULL,
    overlay      TEXT    NOT NULL,
    email        TEXT    NOT NULL,
    state        TEXT    NOT NULL
                 CHECK (state IN ('queued', 'building', 'done', 'error', 'cancelled')),
    attempt      INTEGER NOT NULL CHECK (attempt BETWEEN 1 AND 1000),
    worker       TEXT    NOT NULL DEFAULT '',
    stage        TEXT    NOT NULL DEFAULT '',
    stage_done   INTEGER NOT NULL DEFAULT 0,
    stage_total  INTEGER NOT NULL DEFAULT 0,
    stage_unit   TEXT    NOT NULL DEFAULT '',
    stage_text   TEXT    NOT NULL DEFAULT '',
    error        TEXT    NOT NULL DEFAULT '',
    error_stage  TEXT    NOT NULL DEFAULT '',
    image        TEXT    NOT NULL DEFAULT '',
    created      INTEGER NOT NULL,
    started      INTEGER NOT NULL DEFAULT 0,
    finished     INTEGER NOT NULL DEFAULT 0,
    lease_end    INTEGER NOT NULL DEFAULT 0,
    owner        TEXT    NOT NULL,             -- jobs::user_of()
    reference    TEXT    NOT NULL DEFAULT '',
    architecture TEXT    NOT NULL DEFAULT '',
    priority     INTEGER NOT NULL DEFAULT 0,
    is_fresh     INTEGER NOT NULL DEFAULT 0,
    digest       TEXT    NOT NULL DEFAULT '',  -- jobs::digest_of(); '': nobody joins it
    place        TEXT    NOT NULL DEFAULT '',
    size         INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),
    is_pinned    INTEGER NOT NULL DEFAULT 0,
    removed      INTEGER NOT NULL DEFAULT 0,   -- when its artefacts were
    template     TEXT    NOT NULL DEFAULT '',
    kickstart    TEXT    NOT NULL,  -- last: a page of the queue is read without it
    CHECK ((state = 'building') = (lease_end > 0)),
    CHECK (state <> 'building' OR (worker <> '' AND started > 0)),
    CHECK (state <> 'queued' OR worker = ''),
    CHECK ((state IN ('done', 'error', 'cancelled')) = (finished > 0)),
    CHECK ((state = 'done') = (image <> '')),
    CHECK ((state = 'error') = (error <> '')),
    CHECK (removed = 0 OR (state = 'done' AND is_pinned = 0))
)

INSERT INTO new_jobs (row, id, name, image_type, overlay, email, state, attempt, worker, stage,
    stage_done, stage_total, stage_unit, stage_text, error, error_stage, image, created, started,
    finished, lease_end, owner, template, kickstart)
SELECT row, id, name, image_type, overlay, email, state, attempt, worker, stage,
    stage_done, stage_total, stage_unit, stage_text, error, error_stage, image, created, started,
    finished, lease_end, CASE email WHEN '' THEN 'anonymous' ELSE lower(email) END, template,
    kickstart
FROM jobs

DROP TABLE jobs

ALTER TABLE new_jobs RENAME TO jobs

-- Two unfinished jobs of one user would be taken for each other.
CREATE UNIQUE INDEX jobs_name_in_use ON jobs (owner, name) WHERE state IN ('queued', 'building')

CREATE INDEX jobs_by_state ON jobs (state, row)

-- The state comes first in those below too: SQLite would take jobs_by_state and sort otherwise.
CREATE INDEX jobs_by_lease ON jobs (state, lease_end) WHERE state = 'building'

CREATE INDEX jobs_by_digest ON jobs (digest) WHERE digest <> ''

-- Of builds that were done: how long they took, and what is left of them.
CREATE INDEX jobs_done ON jobs (state, finished, row) WHERE state = 'done'

CREATE INDEX jobs_kept ON jobs (state, finished, row) WHERE state = 'done' AND removed = 0

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

-- What the clients call a job; one that was joined has several.
CREATE TABLE job_references (
    reference TEXT    PRIMARY KEY CHECK (reference <> ''),
    job       INTEGER NOT NULL REFERENCES jobs (row) ON DELETE CASCADE
) WITHOUT ROWID

CREATE INDEX job_references_by_job ON job_references (job)

CREATE TABLE outbox (
    row     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT    NOT NULL CHECK (kind IN ('cancel', 'status')),
    job     INTEGER NOT NULL REFERENCES jobs (row) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    state   TEXT    NOT NULL  -- of the job when the row was made
)

-- Who may do what only one service may, and until when.
CREATE TABLE leases (
    name   TEXT    PRIMARY KEY,
    holder TEXT    NOT NULL,
    ends   INTEGER NOT NULL
) WITHOUT ROWID

-- Presences as workers sent them, in the JSON of jobs/job_message.hpp.
CREATE TABLE workers (
    worker   TEXT    PRIMARY KEY,
    seen     INTEGER NOT NULL,
    presence TEXT    NOT NULL
)

CREATE TABLE refused_messages (
    row       INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    queue     TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    excerpt   TEXT    NOT NULL
)
