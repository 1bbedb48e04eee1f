"""The syntax of JSONPaths and intrinsic functions, judged without data.

AWS Step Functions Developer Guide, "Using JSONPath paths", "Intrinsic functions for JSONPath states in Step Functions";
Amazon States Language specification, "Reference Paths".
"""

from __future__ import annotations

import regex

_FUNCTIONS = "|".join(
    [
        *("Array", "ArrayContains", "ArrayGetItem", "ArrayLength", "ArrayPartition", "ArrayRange", "ArrayUnique"),
        *("Base64Decode", "Base64Encode", "Format", "Hash", "JsonMerge", "JsonToString"),
        *("MathAdd", "MathRandom", "StringSplit", "StringToJson", "UUID"),
    ]
)
_ROOT = r"\$(?:\$|[\p{L}_][\p{L}\p{N}_]*)?"
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_NAME = r"[^\s.\[\]()*?@,'\"]+(?:\(\))?"
_PATH = regex.compile(
    rf"""{_ROOT}(?:\.\.?(?:{_NAME}|\*|(?=\[))|(?P<bracket>\[(?:{_QUOTED}|[^\[\]'"]|(?&bracket))+\]))*"""
)
_SINGLE = regex.compile(rf"""{_ROOT}(?:\.{_NAME}|\.?\[(?:{_QUOTED}|-?\d+)\])*""")
_CALL = regex.compile(
    rf"""(?P<call>States\.(?:{_FUNCTIONS})\(\s*(?:(?P<argument>
        (?&call) | '(?:[^'\\]|\\['\\{{}}])*' | -?\d+(?:\.\d+)?(?:[eE][+-]?\d+)? | true | false | null
        | \$(?:[^,()\[\]'"]|(?P<index>\[(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\[\]'"]|(?&index))*\]))*
    )(?:\s*,\s*(?&argument))*)?\s*\))""",
    regex.VERBOSE,
)

UNRESOLVED = "unresolved0value"
"""The text in a definition for a value that only a deploy knows."""


def is_path(text: str) -> bool:
    return UNRESOLVED in text or _PATH.fullmatch(text) is not None


def is_single(text: str) -> bool:
    """True for a path to one value, also of the context object or a variable."""
    return UNRESOLVED in text or _SINGLE.fullmatch(text) is not None


def is_reference_path(text: str) -> bool:
    """True for a path to one value of the state's own data."""
    return is_single(text) and (text == "$" or text.startswith(("$.", "$[")))


def is_template_value(text: str) -> bool:
    """True for the value of a name that ends in ``.$``."""
    return is_path(text) or _CALL.fullmatch(text.strip()) is not None
