"""What is asked when an analysis is wanted."""

from typing import Any

import pytest

from services.nova.errands import errand_of, version_of
from services.nova.local.analyst import VERSION
from shared.analyses import EVERYTHING, PROMPT_VERSION, AnalysisType, Depth
from shared.contracts import Kind, NovaRequested, TranscriptSkipped
from shared.errors import Invalid
from shared.identifiers import new_id


def requested(kind: Kind = Kind.VIDEO, **options: Any) -> NovaRequested:
    return NovaRequested(file_id=new_id(), revision=1, kind=kind, run_id=new_id(), options=options)


def test_on_its_first_way_a_file_is_asked_everything_of_the_usual_model() -> None:
    event = TranscriptSkipped(file_id=new_id(), revision=1, kind=Kind.IMAGE, reason="A picture.")
    errand = errand_of(event, "2-lite")
    assert (errand.model, set(errand.types)) == ("2-lite", set(EVERYTHING[Kind.IMAGE]))
    assert errand.requested_by == "local"
    assert errand_of(event, "2-lite", "grace").requested_by == "grace"


def test_a_request_says_what_it_wants() -> None:
    event = requested(
        model="pro", analysis_types=["chapters"], summary_depth="brief", language="de", combined=False, requested_by="ada"
    )
    errand = errand_of(event, "local", "grace")
    assert (errand.model, errand.types, errand.depth, errand.language) == ("pro", (AnalysisType.CHAPTERS,), Depth.BRIEF, "de")
    assert (errand.combined, errand.requested_by) == (False, "ada")
    assert errand.asked == {"summary_depth": "brief", "language": "de", "combined": False}


def test_an_errand_taken_up_again_is_the_same_run() -> None:
    event = requested()
    assert errand_of(event, "local").run_id == errand_of(event, "pro").run_id
    assert errand_of(event, "local").run_id != errand_of(requested(), "local").run_id


def test_what_cannot_be_found_out_is_refused() -> None:
    with pytest.raises(Invalid, match=r"chapters cannot be found out about an image; there are elements"):
        errand_of(requested(Kind.IMAGE, analysis_types=["chapters"]), "2-lite")


def test_the_version_is_that_of_whoever_answers() -> None:
    assert version_of(errand_of(requested(), "local")) == VERSION
    assert version_of(errand_of(requested(model="lite"), "local")) == PROMPT_VERSION
