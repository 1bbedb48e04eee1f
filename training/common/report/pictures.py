"""Pictures inside the page."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image


def png(image: np.ndarray) -> bytes:
    """A picture uint8 [height, width] or [height, width, 3] as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def source(image: np.ndarray) -> str:
    """A picture as the `src` of an img element."""
    return f"data:image/png;base64,{base64.b64encode(png(image)).decode('ascii')}"
