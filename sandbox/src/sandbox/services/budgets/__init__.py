"""AWS Budgets: ministack has the API, and no resource type of CloudFormation's."""
