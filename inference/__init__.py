"""Shipped code of the serving container: one handler module a model, and `serving.py`, which they all import.

In a model's archive the handler is code/inference.py and serving.py lies beside it: the container puts that folder on
its path, so handlers say `from serving import ...`.
"""
