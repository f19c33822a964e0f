from services.nova.provenance import Source
from tests.support.material import reading


def test_texts_come_strongest_first() -> None:
    texts = reading("hello", path="Smith/grotto.mp4", exif={"ImageDescription": "the pool"}).texts
    assert [(text.source, [word.text for word in text.words]) for text in texts] == [
        (Source.TRANSCRIPT, ["hello"]),
        (Source.EXIF, ["the", "pool"]),
        (Source.FILENAME, ["grotto"]),
        (Source.PATH, ["Smith"]),
    ]


def test_exif_texts_of_cameras_and_of_other_types_are_left_out() -> None:
    exif = {"ImageDescription": "OLYMPUS DIGITAL CAMERA", "Keywords": ["Pool", 3, " "], "Title": None, "ISO": "Fast film"}
    assert reading(exif=exif).exif.places == ("Pool",)


def test_exif_texts_do_not_run_into_each_other() -> None:
    words = reading(exif={"Title": "water", "Keywords": ["slide"]}).exif.words
    assert words[0].sentence != words[1].sentence


def test_names_are_listed_from_the_file_outwards() -> None:
    assert [(name.raw, piece.source) for name, piece in reading(path="a b/c d/e f.mp4").named] == [
        ("e f", Source.FILENAME),
        ("c d", Source.PATH),
        ("a b", Source.PATH),
    ]


def test_a_quote_stays_within_its_sentence() -> None:
    text = reading("one. two three four five six seven. eight").transcript
    assert text.quote(5, 5).phrase == "three four five six seven"
    assert text.quote(1, 1).phrase == "two three four"
