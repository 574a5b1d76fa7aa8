"""One file per kind of job: request to timeline."""
