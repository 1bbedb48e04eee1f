"""The requests of CloudFormation: what they may say, and their answers."""
