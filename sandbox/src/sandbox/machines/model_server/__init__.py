"""AWS's TensorFlow inference container without the container.

Started by `python -m sandbox.machines.model_server --model-dir DIR --port N`.

Two processes, as in the container: this one runs the archive's code/inference.py behind /ping and /invocations, and
`tensorflow_serving` answers TensorFlow Serving's REST API on its own port. The split keeps TensorFlow away from the
handlers, as in AWS's image.
Source: aws/deep-learning-containers, scripts/docker/tensorflow/inference/sagemaker (serve.py, python_service.py,
tfs_utils.py), image 2.20.
"""
