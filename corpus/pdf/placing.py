"""From the coordinates of a PDF page to the page as a reader holds it.

Used by `corpus.pdf.glyphs` and `corpus.pdf.drawings`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a page's own coordinates (origin bottom left, y upwards, not turned) come to lie.

    Args:
        left, bottom, right, top: the crop box in the page's own coordinates, points.
        turns: quarter turns clockwise, 0..3, as the page is shown.
    """

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def width(self) -> float:
        """As shown, points."""
        return self.top - self.bottom if self.turns % 2 else self.right - self.left

    @property
    def height(self) -> float:
        """As shown, points."""
        return self.right - self.left if self.turns % 2 else self.top - self.bottom

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The place of a point as shown: origin top left, y downwards."""
        if self.turns == 0:
            return x - self.left, self.top - y
        if self.turns == 1:
            return y - self.bottom, x - self.left
        if self.turns == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """The box as shown: `(x0, y0, x1, y1)`, `x0 <= x1`, `y0 <= y1`."""
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def angle(self, angle: float) -> float:
        """The direction of writing as shown, radians in (-pi, pi], 0: to the right."""
        turned = angle - self.turns * math.pi / 2
        return math.atan2(math.sin(turned), math.cos(turned))

    def holds(self, x: float, y: float) -> bool:
        """True for a point (as shown) on the page."""
        return 0 <= x <= self.width and 0 <= y <= self.height
