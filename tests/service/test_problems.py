"""The one table from errors to HTTP: every error of the tree has its status and says no secrets."""

from __future__ import annotations

import json

import pytest

from corpus import errors
from service.problems import STATUS_OF, Problem, problem_of

TREE = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.YanbaoError)
]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_the_status_of_its_nearest_kin(kind):
    error = kind("a", "b") if kind is errors.UnreadableFile else kind("a: b")
    nearest = next(base for base in kind.__mro__ if base in STATUS_OF)
    assert problem_of(error).status == STATUS_OF[nearest][0]


@pytest.mark.parametrize(
    "error",
    [
        errors.SnapshotCorrupt("/home/someone/index: sha256 differs"),
        errors.SettingsError("/home/someone"),
        errors.EvalError("/home/someone"),
        ValueError("/home/someone"),
        KeyError("/home/someone"),
    ],
)
def test_paths_of_this_machine_stay_in_the_log(error):
    problem = problem_of(error)
    assert problem.status in {500, 503}
    assert b"/home" not in problem.body("id")


def test_a_problem_is_the_document_of_the_rfc():
    document = json.loads(Problem(413, "Too large.").body("abc"))
    assert document == {
        "type": "urn:yanbao:problem:body-too-large",
        "title": "Request Entity Too Large",
        "status": 413,
        "detail": "Too large.",
        "request_id": "abc",
    }


def test_unavailable_says_when_to_come_back():
    assert problem_of(errors.IndexLocked("x")).headers["Retry-After"] == "1"
