"""Questions that bring their data along: read, looked up and worked out from the prompt itself.

First in line in `answering`. The corpus is not asked, so nothing is cited.
"""

from service.reading.given.answer import read_given

__all__ = ["read_given"]
