"""The serving of a model: endpoint, alarms, execution role."""
