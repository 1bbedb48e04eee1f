"""The local AWS: ministack plus the SageMaker that it lacks. It knows AWS's APIs and nothing of this project."""
