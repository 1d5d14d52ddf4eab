"""Polars, PyArrow and pandas: one file to import."""

import pathlib

from . import duckdb
from .tables import CONTEXT, GAP, META, members, tables

TEMPLATE = pathlib.Path(__file__).with_name("archive.py.in")


def pairs(entries):
    """Lines of a dict."""
    return "".join(f'    "{name}": "{kind}",\n' for name, kind in entries)


def text(channels):
    """config/schema/observer_archive.py."""
    listed = "".join(
        f'    "{table.name}": (\n' + "".join(f"        {line}\n" for line in wrapped(
            [member.name for member in table.members])) + "    ),\n" for table in tables(channels))
    inputs = [(member.name, ("[" + member.type + "]") if member.array else member.type)
              for member in members(channels)]
    feeds = {table.name: table.feeds for table in tables(channels)}
    return (TEMPLATE.read_text(encoding="utf-8")
            .replace("@META@", pairs(META)).replace("@CONTEXT@", pairs(CONTEXT)).replace("@GAP@", pairs(GAP))
            .replace("@INPUTS@", pairs(inputs)).replace("@TABLES@", listed)
            .replace("@FEEDS@", "".join(f'    "{name}": {tuple(value)!r},\n'.replace("'", '"')
                                        for name, value in feeds.items()))
            .replace("@TAIL@", ", ".join(f'"{name}"' for name, _ in duckdb.TAIL)))


def wrapped(names):
    """Names in quotes, in lines that are not too long."""
    line = ""
    for name in names:
        if len(line) + len(name) > 96:
            yield line.rstrip()
            line = ""
        line += f'"{name}", '
    yield line.rstrip()
