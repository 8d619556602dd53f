"""Build hook: puts the four content folders into a wheel, as lungkg/content."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTENT = ("ontology", "data", "shapes", "queries")


class ContentHook(BuildHookInterface[Any]):
    """Add the content to real wheels; an editable install reads it from the clone instead."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Hatchling calls this before it collects files; version is "standard" or "editable"."""
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"].update({folder: f"lungkg/content/{folder}" for folder in CONTENT})
