"""The Frechet distance between two sets of feature vectors, each taken as a normal distribution.

Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium" (2017); Dowson and
Landau, "The Frechet Distance between Multivariate Normal Distributions" (1982).
"""

from __future__ import annotations

import numpy as np


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The distance |m1 - m2|^2 + trace(C1 + C2 - 2 sqrt(C1 C2)), in float64.

    Of features [n, d] and [m, d], at least two rows each. The symmetric sqrt(C1) C2 sqrt(C1) has the eigenvalues of
    C1 C2, and they stay real for a singular matrix.
    """
    (mean, covariance), (other_mean, other_covariance) = (_moments(features) for features in (first, second))
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    products = np.clip(np.linalg.eigvalsh(root @ other_covariance @ root), 0, None)
    between = float(np.sum((mean - other_mean) ** 2))
    spread = float(np.trace(covariance) + np.trace(other_covariance) - 2 * np.sum(np.sqrt(products)))
    return max(0.0, between + spread)


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = features.astype(np.float64)
    return rows.mean(0), np.atleast_2d(np.cov(rows, rowvar=False))
