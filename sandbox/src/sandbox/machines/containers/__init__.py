"""The containers of jobs and model servers: a folder, an environment, a log, files from S3."""
