import pytest

from services.nova.local.projects import project
from services.nova.provenance import UNKNOWN, Source
from tests.support.material import reading


@pytest.mark.parametrize(
    ("path", "customer"),
    [
        ("smith_residence/IMG_1.jpg", "Smith"),
        ("SmithResidence_Grotto.mp4", "Smith"),
        ("2024_john_smith_house.mp4", "John Smith"),
        ("grotto_van_der_berg_residence.mp4", "Van Der Berg"),
        (r"D:\Customers\McNeil\2024\x.mp4", "McNeil"),
        ("Clients/The Miller Family/x.mp4", "Miller"),
        ("Smith job/x.mp4", "Smith"),
        # nobody's name
        ("pool_house.mp4", UNKNOWN),
        ("the_new_home.mp4", UNKNOWN),
        ("residence.mp4", UNKNOWN),
        ("grotto_house.mp4", UNKNOWN),
        ("job_2024_0812/x.mp4", UNKNOWN),
        (r"C:\Users\Smith\Videos\x.mp4", UNKNOWN),
        ("smith.mp4", UNKNOWN),
    ],
)
def test_customer_from_names(path: str, customer: str) -> None:
    fact = project(reading(path=path)).customer_name
    assert fact.value == customer
    assert fact.confidence <= 0.4


@pytest.mark.parametrize(
    ("text", "path", "customer"),
    [
        ("Welcome to the Smith residence.", "x.mp4", "Smith"),
        ("This is the Smith's house.", "x.mp4", "Smith"),
        ("We built it for Mr. Smith.", "x.mp4", "Smith"),
        ("welcome to the smith residence", "smith_residence/x.mp4", "Smith"),
        # without capitals nothing tells a name from any other word
        ("welcome to the smith residence", "x.mp4", UNKNOWN),
        ("The New house and the Whole family", "x.mp4", UNKNOWN),
        ("The family is here. The house too.", "x.mp4", UNKNOWN),
    ],
)
def test_customer_from_speech(text: str, path: str, customer: str) -> None:
    assert project(reading(text, path=path)).customer_name.value == customer


def test_speech_that_agrees_makes_a_name_sure() -> None:
    written = project(reading(path="smith_residence/x.mp4")).customer_name
    both = project(reading("the smith residence", path="smith_residence/x.mp4")).customer_name
    assert written.confidence <= 0.4 < both.confidence
    assert both.sources == (Source.PATH, Source.TRANSCRIPT)


def test_job_code_and_project() -> None:
    found = project(reading(path="Projects/Lakeside Spa/PRJ-1042/job_2024_0812.mp4"))
    assert found.job_number.value == "job_2024_0812"
    assert found.project_code.value == "PRJ-1042"
    assert found.project_name.value == "Lakeside Spa"


def test_a_residence_names_the_project_and_a_family_does_not() -> None:
    assert project(reading(path="smith_residence.mp4")).project_name.value == "Smith Residence"
    assert not project(reading(path="smith_family.mp4")).project_name.known


def test_spoken_job_number() -> None:
    assert project(reading("This is job number 2024 117.")).job_number.value == "2024-117"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in this backyard", "residential"),
        ("for a hotel", "commercial"),
        ("a public pool", "municipal"),
        ("not a hotel", UNKNOWN),
        ("hello", UNKNOWN),
    ],
)
def test_project_type(text: str, expected: str) -> None:
    assert project(reading(text)).project_type.value == expected


def test_nothing_is_known_of_nothing() -> None:
    assert not any(fact.known for _, fact in project(reading(path="")))
