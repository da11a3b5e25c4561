"""What the marks of a figure say, read back from its SVG."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

from reports.figures import hover


def said(image: str) -> list[list[dict[str, Any]]]:
    """Groups of each panel."""
    panels = ET.fromstring(f"<all>{image}</all>".replace("xlink:href", "href"))
    return [json.loads(panel.get("data-says", "[]")) for panel in panels]


def told(group: dict[str, Any]) -> list[str]:
    """Texts in full, as the script of the page puts them together."""
    texts = []
    for number, text in enumerate(group["texts"]):
        whole = group.get("words", "{0}")
        if "x" in group:
            row, column = divmod(number, group["columns"])
            whole = whole.replace("{x}", group["x"][column]).replace("{y}", group["y"][row])
        for place, part in enumerate(text.split(hover.SPLIT) if "words" in group else [text]):
            whole = whole.replace(f"{{{place}}}", part)
        texts.append(whole if text else "")
    return texts
