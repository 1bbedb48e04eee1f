"""The types of single values, with AWS's ranges and a cure in each refusal."""

from __future__ import annotations

import fnmatch
import functools
import keyword
import math
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StrictBool, StrictFloat, StrictInt, StrictStr

from specs import aws, images, names, words
from specs.refusal import refused, unknown_word

LONGEST_MODEL_NAME = 30  # job name = model + mark + 12 hexadecimal digits + step + attempt, in 63 characters
LONGEST_ENVIRONMENT_NAME = 32
LONGEST_FILE_NAME = 255
LARGEST_NUMBER = 1e15  # what JSONata and a registry's text still show as people write it
ZONE_LETTERS = "abcdefgh"
"""The letters of zones, each with a fixed part of the network's range; no region has more."""
MOST_TRIALS = 100  # one page of ListTrainingJobsForHyperParameterTuningJob, and what AWS lets run at once
RESERVED_METRICS = ("execution", "trainingJob", "candidate", names.ARCHIVE_CHECKSUM, names.FINGERPRINT, names.JUDGE)
"""The properties that the workflow adds to a package; its metrics are properties, too."""

INSTANCE_TYPES = ("TrainingInstanceType", "ProcessingInstanceType", "ProductionVariantInstanceType")
"""The shapes of SageMaker's service model that list the instance types of jobs and of endpoints."""

_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_S3_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"  # "Naming Amazon S3 objects", less what needs quoting in a shell or URL
_MEDIA_TYPE = r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9*][a-z0-9!#$&^_.+*-]*"  # RFC 6838, "Naming Requirements"
_EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"  # HTML, "Valid e-mail address"


def matching(expression: str, longest: int, allowed: str, example: str) -> AfterValidator:
    """Require text of a form, with its words and an example in the refusal."""
    compiled = re.compile(expression)

    def check(value: str) -> str:
        if len(value) > longest:
            raise refused(
                f"{len(value)} characters are too long", allowed=f"{allowed}, at most {longest}", write=example
            )
        if compiled.fullmatch(value) is None:
            raise refused("the text does not have the required form", allowed=allowed, write=example)
        return value

    return AfterValidator(check)


def _one_of(known: Callable[[], tuple[str, ...]], noun: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known():
            raise unknown_word(value, known(), noun)
        return value

    return AfterValidator(check)


def _instance_type(shape: str) -> AfterValidator:
    return _one_of(functools.partial(aws.words, shape), "instance type")


def _instance_type_pattern(value: str) -> str:
    known = sorted({name for shape in INSTANCE_TYPES for name in aws.words(shape)})
    if not fnmatch.filter(known, value):
        near = words.nearest(value, known)
        allowed = 'an instance type, or a pattern in which * stands for any characters, such as "ml.m5.*"'
        write = words.quoted(near or "ml.m5.*")
        raise refused("this matches no instance type of SageMaker", allowed=allowed, write=write)
    return value


def _image_name(value: str) -> str:
    if value not in images.NAMES:
        near = words.nearest(value, images.NAMES) or images.NAMES[0]
        allowed = words.either(images.NAMES)
        raise refused("jobs and endpoints run no image of this name and tag", allowed=allowed, write=words.quoted(near))
    return value


def _within(low: Callable[[], int], high: Callable[[], int], unit: str) -> AfterValidator:
    """Bound a number. The bounds are functions, so that an import loads no service model."""

    def check(value: int) -> int:
        if not low() <= value <= high():
            nearest = low() if value < low() else high()
            message = f"the number is too {'small' if value < low() else 'large'}"
            raise refused(message, allowed=f"{low()} to {high()}{unit}", write=str(nearest))
        return value

    return AfterValidator(check)


def _between(low: int, high: int, unit: str = "") -> AfterValidator:
    return _within(lambda: low, lambda: high, unit)


def _description(value: str) -> str:
    longest = aws.largest("EntityDescription")
    if not value.strip() or len(value) > longest or not value.isprintable():
        allowed = f"1 to {longest} printable characters on one line"
        raise refused("the description cannot be shown", allowed=allowed, write='"Handwritten digits, 28 x 28"')
    if value.startswith("{%") and value.endswith("%}"):
        allowed = "text that Step Functions does not evaluate (JSONata stands between {% and %})"
        raise refused("the description is an expression", allowed=allowed, write='"Handwritten digits, 28 x 28"')
    return value


def _package(value: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]*", value) or keyword.iskeyword(value) or value == "common":
        allowed = "the name of a folder of training/ that Python can import: lower-case letters, digits, _"
        near = re.sub("[^a-z0-9]+", "_", value.lower()).strip("_")
        importable = re.fullmatch("[a-z][a-z0-9_]*", near) and not keyword.iskeyword(near) and near != "common"
        write = words.quoted(near if importable else "digits_cnn")
        raise refused("this cannot name a package of training code", allowed=allowed, write=write)
    return value


def _hyperparameter(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        allowed = "text, a whole number, a number with a point, true or false"
        raise refused(f"a hyperparameter cannot be {words.kind(value)}", allowed=allowed, write="one value")
    if isinstance(value, float) and not math.isfinite(value):
        raise refused("a hyperparameter has to be finite", allowed="a finite number", write="0.001")
    if isinstance(value, int) and value.bit_length() > 63:
        raise refused("the number is too large", allowed="a whole number of 64 bits", write=str(2**63 - 1))
    longest = aws.largest("HyperParameterValue")
    if isinstance(value, str) and (len(value) > longest or (value and not value.isprintable())):
        allowed = f"at most {longest} printable characters on one line"
        raise refused("the text cannot be a hyperparameter", allowed=allowed, write='"text"')
    return value


def _bound(value: Any) -> Any:
    """Require a number, whole or not. A union of types would be refused without useful words."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(f"this is {words.kind(value)}", allowed="a number", write="0.5")
    return _finite(value)


def _searched(value: Any) -> Any:
    value, longest = _hyperparameter(value), aws.largest("ParameterValue")
    if isinstance(value, str) and not 1 <= len(value) <= longest:
        allowed = f"1 to {longest} characters"
        raise refused("the text cannot be a value of a search", allowed=allowed, write='"text"')
    return value


def _finite(value: Any) -> Any:
    """Check before pydantic, which cannot turn a huge whole number into a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise refused("the number has to be finite", allowed="a finite number", write="0.99")
    if abs(value) > LARGEST_NUMBER:
        raise refused("the number is too large", allowed=f"at most {LARGEST_NUMBER:.0e}", write="0.99")
    return value


def _not_negative(value: float) -> float:
    if value < 0:
        raise refused("the number is too small", allowed="0 or more", write="0")
    return value


def _evaluation_metric(value: str) -> str:
    if value in RESERVED_METRICS:
        allowed = f"another name than {words.either(RESERVED_METRICS)}"
        raise refused("the workflow registers something else by this name", allowed=allowed, write='"accuracy"')
    return value


_NAME_WORDS = "lower-case letters, digits and single hyphens, beginning with a letter"
_RUN = _within(lambda: aws.smallest("MaxRuntimeInSeconds"), lambda: aws.LONGEST_RUN_SECONDS, " seconds (28 days)")
_HYPERPARAMETER_NAME = matching(r"[A-Za-z_][A-Za-z0-9_.-]*", 256, "letters, digits, _ . -", "learning_rate")

ModelName = Annotated[StrictStr, matching(_NAME, LONGEST_MODEL_NAME, _NAME_WORDS, '"digits-cnn"')]
EnvironmentName = Annotated[StrictStr, matching(_NAME, LONGEST_ENVIRONMENT_NAME, _NAME_WORDS, '"dev"')]
Description = Annotated[StrictStr, AfterValidator(_description)]
Package = Annotated[StrictStr, AfterValidator(_package)]
S3Name = Annotated[
    StrictStr, matching(_S3_NAME, LONGEST_FILE_NAME, "letters, digits and . _ - (no /)", '"train-images-idx3-ubyte"')
]
MediaType = Annotated[StrictStr, matching(_MEDIA_TYPE, 127, "a media type in lower case", '"application/json"')]
MetricName = Annotated[
    StrictStr, matching(r"[A-Za-z][A-Za-z0-9_:/-]*", 255, "letters, digits and _ : / -", '"validation:accuracy"')
]
Email = Annotated[StrictStr, matching(_EMAIL, 254, "one e-mail address", '"team@example.com"')]
Account = Annotated[StrictStr, matching("[0-9]{12}", 12, "twelve digits in quotes", '"123456789012"')]
Region = Annotated[StrictStr, _one_of(aws.regions, "region with SageMaker")]
Zone = Annotated[
    StrictStr,
    matching(
        rf"[a-z]{{2}}(-[a-z]+)+-\d[{ZONE_LETTERS}]", 32, "a zone's name, with a letter from a to h", '"eu-west-1a"'
    ),
]
MaintenanceWindow = Annotated[  # "CreateMlflowApp", WeeklyMaintenanceWindowStart
    StrictStr,
    matching(
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d",
        9,
        "a day and a time in UTC, Mon:00:00 to Sun:23:59",
        '"Sun:03:30"',
    ),
]
InterfaceEndpoint = Annotated[StrictStr, _one_of(lambda: aws.INTERFACE_ENDPOINTS, "interface endpoint")]

ImageName = Annotated[StrictStr, AfterValidator(_image_name)]
ImageDigest = Annotated[  # Open Container Initiative, "Image Specification", digests
    StrictStr,
    matching(
        "sha256:[0-9a-f]{64}", 71, "sha256: and 64 hexadecimal digits in lower case", '"sha256:…" (docs/images.md)'
    ),
]

TrainingInstanceType = Annotated[StrictStr, _instance_type("TrainingInstanceType")]
ProcessingInstanceType = Annotated[StrictStr, _instance_type("ProcessingInstanceType")]
ServingInstanceType = Annotated[StrictStr, _instance_type("ProductionVariantInstanceType")]
InstanceTypePattern = Annotated[
    StrictStr,
    matching(r"[a-z0-9.*?-]+", 63, "lower-case letters, digits and . - * ?", '"ml.m5.*"'),
    AfterValidator(_instance_type_pattern),
]

Seconds = Annotated[StrictInt, _RUN]
Count = Annotated[StrictInt, _between(1, aws.LARGEST_INTEGER)]
Cooldown = Annotated[StrictInt, _between(0, aws.DAY, " seconds")]
LONGEST_EXECUTION_DAYS = 30
"""No execution needs its files for longer: it ends after 5 days, and may go on for 5 if redriven within 14.

Source: AWS Step Functions API Reference, "RedriveExecution".
"""
ExpiryDays = Annotated[StrictInt, _between(LONGEST_EXECUTION_DAYS, 3650, " days")]
PreparedDays = Annotated[StrictInt, _between(2 * LONGEST_EXECUTION_DAYS, 3650, " days")]
Percent = Annotated[StrictInt, _between(1, 50, " percent")]  # "CapacitySize" of a canary: at most half the fleet
CanaryWait = Annotated[
    StrictInt,
    _within(lambda: aws.smallest("WaitIntervalInSeconds"), lambda: aws.largest("WaitIntervalInSeconds"), " seconds"),
]
BakeTime = Annotated[
    StrictInt,
    _within(
        lambda: aws.smallest("TerminationWaitInSeconds"), lambda: aws.largest("TerminationWaitInSeconds"), " seconds"
    ),
]
TrainingVolume = Annotated[
    StrictInt, _within(lambda: aws.smallest("VolumeSizeInGB"), lambda: aws.LARGEST_VOLUME_GB, " GB")
]
ProcessingVolume = Annotated[
    StrictInt,
    _within(lambda: aws.smallest("ProcessingVolumeSizeInGB"), lambda: aws.largest("ProcessingVolumeSizeInGB"), " GB"),
]
Number = Annotated[StrictFloat, BeforeValidator(_finite)]
NotNegative = Annotated[StrictFloat, BeforeValidator(_finite), AfterValidator(_not_negative)]
EvaluationMetric = Annotated[
    StrictStr,
    matching("[A-Za-z][A-Za-z0-9_]*", 128, "letters, digits and _", '"accuracy"'),
    AfterValidator(_evaluation_metric),
]
Percentile = Annotated[StrictInt | StrictFloat, BeforeValidator(_bound), _between(50, 100, ": the p of pNN")]
LatencyLimit = Annotated[StrictInt, _between(1, 60_000, " milliseconds")]  # an answer has 60 seconds ("InvokeEndpoint")
ErrorPercent = Annotated[StrictInt | StrictFloat, BeforeValidator(_bound), _between(0, 99, " percent")]
Minutes = Annotated[StrictInt, _between(1, 1440, " minutes")]  # "PutMetricAlarm": periods of at most a day in all
Trials = Annotated[StrictInt, _between(1, MOST_TRIALS, " training jobs")]
Bound = Annotated[StrictInt | StrictFloat, BeforeValidator(_bound)]
SearchedValue = Annotated[StrictStr | StrictInt | StrictFloat | StrictBool, BeforeValidator(_searched)]
HyperparameterName = Annotated[StrictStr, _HYPERPARAMETER_NAME]
HyperparameterValue = Annotated[StrictStr | StrictInt | StrictFloat | StrictBool, BeforeValidator(_hyperparameter)]
