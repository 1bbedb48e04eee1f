"""A model archive served as AWS's TensorFlow inference container 2.20 serves it, without the container.

Two processes, as there: `__main__` answers /ping and /invocations with the archive's inference.py, and
`tensorflow_serving` answers TensorFlow Serving's REST API with the SavedModel. Only the second one has TensorFlow.
Source: aws/deep-learning-containers, scripts/docker/tensorflow/inference/sagemaker.
"""
