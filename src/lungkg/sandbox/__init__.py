"""Validates what visitors send, in processes that can be killed and that reach neither files nor the network.

A visitor's RDF and a visitor's shapes are as dangerous as a visitor's query: a pattern can run for hours, a few
bytes of RDF/XML can become gigabytes, a shape can hold a query that fetches. So nothing of theirs is parsed or
validated in the server: `Sandbox` runs each `Task` in a process of its own, and gives an `Outcome` or an error.
"""

from lungkg.sandbox.pool import Sandbox
from lungkg.sandbox.task import Outcome, Task, Text

__all__ = ["Outcome", "Sandbox", "Task", "Text"]
