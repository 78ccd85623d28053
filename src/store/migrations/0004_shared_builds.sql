-- Whose a reference is, as jobs::user_of() has it; '' where nobody knows any more: of those that
-- joined a job before.

ALTER TABLE job_references ADD COLUMN owner TEXT NOT NULL DEFAULT ''

UPDATE job_references SET owner = (SELECT j.owner FROM jobs j WHERE j.row = job_references.job)
WHERE EXISTS (SELECT 1 FROM jobs j
    WHERE j.row = job_references.job AND j.reference = job_references.reference)

-- How many requests joined the job beside the one that made it.
ALTER TABLE jobs ADD COLUMN joined INTEGER NOT NULL DEFAULT 0

-- Of a cancelled job it says from here on how many shared it.
UPDATE jobs SET stage_text = '' WHERE state = 'cancelled' AND stage_text <> ''
