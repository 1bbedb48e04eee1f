"""The parts of which every Step Functions workflow is made."""
