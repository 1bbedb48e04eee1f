"""Shipped code of the jobs: `common` for every model, and one package a model. It knows only its container."""
