"""What CloudFormation knows of templates, whoever provisions the resources: schemas, refusals, replacement, changes."""
