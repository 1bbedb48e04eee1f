"""axe-core on HTML pages: in a document without layout, and in a real browser where there is one.

Source: Deque, "axe-core" (its rules cover WCAG 2.2 A and AA, and best practices).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENGINE = HERE.parents[1] / "node_modules" / "axe-core" / "axe.min.js"
NODE = shutil.which("node", path=str(Path(sys.executable).parent))
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
SCHEMES = {"dark": 0, "light": 1}
"""Chromium's numbers of preferred colour schemes."""
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=60000",
    "--dump-dom",
]
SCRIPT = """<script>%s</script><script>axe.run().then(({ violations, passes }) => {
  const edges = [...document.querySelectorAll(".compared")].map((table) => table.getBoundingClientRect().right);
  const result = {
    violations: violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.html])),
    contrast: passes.some((rule) => rule.id === "color-contrast"),
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth,
    wide: Math.max(document.documentElement.scrollWidth, ...edges),
    cut: [...document.querySelectorAll(".figures b")].filter((it) => it.scrollWidth > it.clientWidth).length,
  };
  parent.postMessage([document.title, result], "*");
});</script></body>"""
FRAMES = """<body>%s<pre></pre><script>const found = {};
onmessage = ({ data: [title, result] }) => {
  found[title] = result;
  document.querySelector("pre").textContent = JSON.stringify(found);
};</script></body>"""
FRAME = '<iframe src="%s" style="width: %dpx; height: 2000px; border: 0"></iframe>'
"""A page in a frame: the browser's own window is at least 500 pixels wide."""


@dataclass(frozen=True)
class Look:
    """One page at one width in one colour scheme.

    `wide` is the right edge of the page and of compared tables; `cut` counts key figures wider than their cards.
    """

    violations: list[list[str]]
    contrast: bool
    dark: bool
    width: int
    wide: float
    cut: int


def violations(*pages: Path) -> dict[str, list[list[str]]]:
    """The rule and the element of each violation, by page; contrast is not checked."""
    assert NODE, "the virtual environment has no node: requirements.txt brings it"
    command = [NODE, str(HERE / "axe.mjs"), *map(str, pages)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, f"{judged.stderr}\nA missing package comes with `make install`."
    return json.loads(judged.stdout)


def look(pages: Iterable[Path], folder: Path, width: int, scheme: str) -> dict[str, Look]:
    """Open pages in the browser and run axe on them, contrast included; by title."""
    assert BROWSER
    script = SCRIPT % ENGINE.read_text(encoding="utf-8")
    frames = ""
    for page in pages:
        judged = folder / f"{page.stem}-judged.html"
        judged.write_text(page.read_text(encoding="utf-8").replace("</body>", script), encoding="utf-8")
        frames += FRAME % (judged.name, width)
    (folder / "frames.html").write_text(FRAMES % frames, encoding="utf-8")
    chosen = [f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", "--window-size=1600,4000"]
    profile, address = f"--user-data-dir={folder / 'browser'}", (folder / "frames.html").as_uri()
    command = [BROWSER, *QUIET, profile, *chosen, address]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    found = re.search(r"<pre>(.+?)</pre>", shown, re.DOTALL)
    assert found, shown[-500:]
    return {title: Look(**result) for title, result in json.loads(unescape(found[1])).items()}
