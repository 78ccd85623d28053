-- How often a job lost the worker that was building it. Behind the kickstart, so it is read with it
-- alone. Until now every attempt but the first was such a loss.

ALTER TABLE jobs ADD COLUMN losses INTEGER NOT NULL DEFAULT 0

UPDATE jobs SET losses = attempt - 1 WHERE state IN ('queued', 'building') AND attempt > 1
