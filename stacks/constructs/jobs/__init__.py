"""SageMaker jobs of one model: how a workflow starts them, their role, and the facts kept of them."""
