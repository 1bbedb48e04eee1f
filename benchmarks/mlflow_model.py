"""A SavedModel behind MLflow's scoring server, which runs this file ("models from code")."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class Classifier(PythonModel):
    """The signature `serving_default`, called with the client's array."""

    def load_context(self, context: Any) -> None:
        self._loaded = tf.saved_model.load(context.artifacts["saved_model"])
        self._classify = self._loaded.signatures["serving_default"]

    def predict(self, context: Any, model_input: np.ndarray, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return {name: value.numpy() for name, value in self._classify(images=tf.constant(model_input)).items()}


set_model(Classifier())
