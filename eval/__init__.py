"""Golden questions → run → metrics → report: whether a change helped, said without a model."""
