"""Shipped code of the serving container: `inference.py` travels in the model archive as code/inference.py."""
