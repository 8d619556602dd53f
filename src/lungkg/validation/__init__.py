"""Checks data against shapes: the only package that knows pySHACL.

`lint` finds what SHACL passes over in silence; `shacl` runs the shapes, set by set; `batches` runs them
over graphs too big to hold; `writing` turns a report into a sh:ValidationReport.
"""
