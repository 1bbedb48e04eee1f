"""Pictures inside the page."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np
from PIL import Image

from pages.markup import Markup


def png(image: np.ndarray) -> bytes:
    """A picture uint8 [height, width] or [height, width, 3] as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def source(image: np.ndarray) -> str:
    """A picture as the `src` of an img element."""
    return f"data:image/png;base64,{base64.b64encode(png(image)).decode('ascii')}"


def sheet(image: np.ndarray, caption: str, alt: str) -> Markup:
    """A picture as wide as its place in the page, with caption and alternative text."""
    shown = f'<img src="{source(image)}" alt="{escape(alt)}">'
    return Markup(f'<figure class="sheet">{shown}<figcaption>{escape(caption)}</figcaption></figure>')
