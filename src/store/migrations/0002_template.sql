-- Which template a job's kickstart came from, '' where it was the user's own.

ALTER TABLE jobs ADD COLUMN template TEXT NOT NULL DEFAULT ''
