"""CloudFormation's rules for templates: schemas, refusals, replacement, changes."""
