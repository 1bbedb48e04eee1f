"""What jobs and model servers see of their container: a folder, an environment, a log, and files from S3."""
