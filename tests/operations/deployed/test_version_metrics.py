"""Numbers among a version's customer metadata."""

from operations.deployed.version_metrics import numbers


def test_only_numbers_are_metrics() -> None:
    properties = {"accuracy": "0.9921", "execution": "arn:aws:states:x", "trainingJob": "digits-cnn-1", "f1": "0.99"}
    assert numbers(properties) == {"accuracy": 0.9921, "f1": 0.99}


def test_a_fingerprint_that_reads_as_a_number_is_no_metric() -> None:
    assert numbers({"accuracy": "0.99", "dataFingerprint": "1234567e901234567890123456789012"}) == {"accuracy": 0.99}
