"""Numbers among a version's customer metadata."""

from operations.deployed.version_metrics import numbers


def test_only_numbers_are_metrics() -> None:
    properties = {"accuracy": "0.9921", "execution": "arn:aws:states:x", "trainingJob": "digits-cnn-1", "f1": "0.99"}
    assert numbers(properties) == {"accuracy": 0.9921, "f1": 0.99}
