"""SageMaker for the sandbox: API, jobs as subprocesses, model registry, endpoints as model-server processes."""
