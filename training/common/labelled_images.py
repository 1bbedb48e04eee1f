"""A declared data set of grey images with labels, in files as MNIST has them."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.manifest import Manifest
from training.common.schema import Feature


@dataclass(frozen=True)
class LabelledImages:
    """Images and labels in IDX files: two files to train and to validate with, two to test with.

    Args:
        source: where the files come from.
        licence: its name, or who grants it.
        classes: the words for the labels 0, 1, 2 and so on.
        shape: rows and columns of an image. Defaults to 28 x 28.
        meaning: what a pixel shows. Defaults to that of MNIST.
        training_files, test_files: names of the files with the images and with the labels. Default to those of MNIST.
    """

    source: str
    licence: str
    classes: tuple[str, ...]
    shape: tuple[int, int] = (28, 28)
    meaning: str = "pixels, row by row: bright strokes on black"
    training_files: tuple[str, str] = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    test_files: tuple[str, str] = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files."""
        return (*self.training_files, *self.test_files)

    @property
    def schema(self) -> dict[str, Feature]:
        """The features of a record."""
        return {
            "image": Feature("uint8", self.meaning, self.shape),
            "label": Feature("int64", "the number of the class"),
        }

    def check_manifest(self, manifest: Manifest) -> None:
        """Raise JobError unless the split holds such images, with labels of these classes."""
        manifest.require(self.schema, len(self.classes))
