"""TensorFlow Serving's REST API (`:predict` and model status) on TensorFlow's Python package.

Source: tensorflow/serving, model_servers/http_rest_api_handler.cc and util/json_tensor.cc; "RESTful API".
"""
