"""Readers: each turns a Query and its Scope into a draft answer, or passes."""
