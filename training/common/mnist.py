"""The declaration of MNIST, which two models of this project have as their data set."""

from __future__ import annotations

from training.common.labelled_images import LabelledImages

MNIST = LabelledImages(
    source="MNIST, LeCun, Cortes and Burges: http://yann.lecun.com/exdb/mnist/",
    licence="Creative Commons Attribution-Share Alike 3.0",
    classes=tuple("0123456789"),
)
