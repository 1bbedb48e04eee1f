"""What serves a model: endpoint, alarms, execution role."""
