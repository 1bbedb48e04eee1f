"""The parts of every Step Functions workflow."""
