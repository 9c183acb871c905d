"""A piece of metadata as Salesforce's XML, for deployments and for source files."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET  # nosec B405 # writes, reads nothing

from prm.salesforce.wire.client import Record

NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"


def xml_of(kind: str, metadata: Record) -> str:
    """Write a piece of metadata; a list is an element repeated."""
    root = ET.Element(kind, xmlns=NAMESPACE)
    _fill(root, metadata)
    ET.indent(root, space="    ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _fill(element: ET.Element, metadata: Record) -> None:
    for name, value in metadata.items():
        for one in value if isinstance(value, list) else [value]:
            child = ET.SubElement(element, name)
            if isinstance(one, dict):
                _fill(child, one)
            else:
                child.text = str(one).lower() if isinstance(one, bool) else str(one)
