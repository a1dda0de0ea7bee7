"""Boundaries: a stream of features, whatever stands around them, and a refusal of what is no boundary.

Resolve: warehouse/landing/geojson_reader.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from warehouse import specification
from warehouse.landing import encoding, geojson_reader
from warehouse.landing.quarantine import Quarantine

SQUARE = {"type": "Polygon", "coordinates": [[[0, 52.5], [1, 52.5], [1, 53], [0, 52.5]]]}
CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}


def ward(code: str, name: str = "Löwe", geometry: Any = SQUARE) -> dict[str, Any]:
    """As the ONS portal gives a ward: the district beside it, in the same form of name."""
    properties = {"FID": 7, "WD25CD": code, "WD25NM": name, "LAD25CD": "E07000096", "LAD25NM": "Dacorum"}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **more, "features": list(features)}, ensure_ascii=False)


def test_an_area_is_a_row(council: Any) -> None:
    council.deliver("boundary/wards_2026-05-01.geojson", collection(ward("E05000001"), ward("E05000002"), crs=CRS))
    receipt = council.only(council.land())
    assert (receipt.status, receipt.rows_received, receipt.rows_loaded) == ("loaded", 2, 2)
    assert (receipt.period, str(receipt.snapshot_date), receipt.columns_missing) == ("wards", "2026-05-01", "")
    first, second = council.rows("boundary.area")
    assert (first["area_code"], first["area_name"], first["code_property"]) == ("E05000001", "Löwe", "WD25CD")
    assert (first["crs"], first["layer"]) == ("urn:ogc:def:crs:OGC:1.3:CRS84", "wards")
    assert json.loads(first["geometry"]) == SQUARE
    assert (second["area_code"], second["_source_row"]) == ("E05000002", 2)


def test_an_area_without_code_is_rejected_and_one_without_shape_is_not(council: Any) -> None:
    council.deliver("boundary/w.geojson", collection(ward("E05000001", geometry=None), ward(""), ward("E05000003")))
    receipt = council.only(council.land())
    assert (receipt.rows_received, receipt.rows_loaded, receipt.rows_rejected) == (3, 2, 1)
    (reject,) = council.rejects()
    assert (reject["source_row"], reject["reason_code"]) == (2, "blank_key")
    assert [row["geometry"] is None for row in council.rows("boundary.area")] == [True, False]


DEEP = "[" * 200_000
REFUSED = {
    "nothing": ("", "empty_file"),
    "an archive": ("\x1f\x8b\x08", "not_text"),
    "a list": ("[1, 2]", "wrong_root"),
    "words": ("no boundaries today", "wrong_root"),
    "topology": ('{"type": "Topology", "objects": {}}', "wrong_root"),
    "no features": ('{"type": "FeatureCollection"}', "wrong_root"),
    "none": (collection(), "no_rows"),
    "several lists": (collection(ward("E05000001"))[:-1] + ', "features": []}', "wrong_root"),
    "no feature": (collection("E05000001"), "wrong_root"),
    "properties of a list": (collection({"type": "Feature", "properties": [1]}), "wrong_root"),
    "no code": (collection({"type": "Feature", "properties": {"name": "x"}, "geometry": None}), "wrong_header"),
    "nested without end": ('{"type": "FeatureCollection", "crs": ' + DEEP, "unsafe_json"),
    "nested in a feature": ('{"type": "FeatureCollection", "features": [{"geometry": ' + DEEP, "unsafe_json"),
    "an endless number": ('{"type": "FeatureCollection", "features": [{"id": ' + "9" * 9_000 + "}]}", "unsafe_json"),
    "an endless text": ('{"type": "' + "x" * (geojson_reader.LARGEST_VALUE + (2 << 20)), "unsafe_json"),
    "a shape too large": (collection(ward("E05000001", geometry={"x": "x" * 2_000_001})), "unsafe_json"),
    "not a number": (collection(ward("E05000001")).replace("52.5", "NaN"), "not_well_formed"),
    "a comma too many": (collection(ward("E05000001")).replace("[0, 52.5]", "[0, 52.5,]"), "not_well_formed"),
    "after a feature": (collection(ward("E05000001"))[:-2] + "; ]}", "not_well_formed"),
    "cut off": (collection(ward("E05000001"), ward("E05000002"))[:-40], "truncated"),
    "cut off between features": (collection(ward("E05000001"))[:-2] + ",", "truncated"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_boundary_is_refused(council: Any, text: str, reason: str) -> None:
    council.deliver("boundary/wards.json", text.encode("latin-1", "replace") if reason == "not_text" else text)
    receipt = council.only(council.land())
    assert (receipt.status, receipt.reason_code) == ("quarantined", reason), receipt.message
    assert receipt.message.startswith("wards.json: ")
    assert "E05000001" not in receipt.message
    assert not council.rows("boundary.area")


def test_bytes_that_are_no_utf8(council: Any) -> None:
    council.deliver("boundary/wards.json", collection(ward("E05000001")).encode("cp1252"))
    assert council.only(council.land()).reason_code == "bad_encoding"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_where_a_chunk_ends_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Also within a letter of two bytes, a number and an escape. Every cut is refused, and no cut is a crash."""
    monkeypatch.setattr(encoding, "CHUNK", size)
    whole = collection(ward("E05000001", '\u00e9 \\ " ]'), ward("E05000002"), crs=CRS).encode()
    file = tmp_path / "wards.json"
    file.write_bytes(whole)
    extract = specification.extract("boundary", "area")
    assert geojson_reader.read("wards.json", file, extract, tmp_path).received == 2
    for cut in range(0, len(whole), 1 if size == 7 else 17):
        file.write_bytes(whole[:cut])
        with pytest.raises(Quarantine) as refused:
            geojson_reader.read("wards.json", file, extract, tmp_path)
        assert refused.value.reason in ("empty_file", "truncated", "wrong_root", "bad_encoding"), cut


REAL = {
    "ward_E08000031_wolverhampton": (20, "WD25CD"),
    "lsoa_E08000031_wolverhampton": (161, "LSOA21CD"),
    "lsoa11_E08000031_wolverhampton": (158, "LSOA11CD"),
    "msoa_E10000015_hertfordshire": (154, "MSOA21CD"),
    "districts_herts_barnet_wolverhampton_LAD23": (12, "LAD23CD"),
}


@pytest.mark.realdata
@pytest.mark.parametrize("name", REAL)
def test_real_boundaries(council: Any, shared_data: Path, name: str) -> None:
    """Numbers of areas from the README of the data; every shape is the one that Python's own parser reads."""
    file = shared_data / "boundaries-3la" / f"{name}.geojson"
    council.deliver(f"boundary/{file.name}", file.read_bytes())
    receipt = council.only(council.land())
    count, code = REAL[name]
    assert (receipt.rows_received, receipt.rows_loaded) == (count, count)
    rows = council.rows("boundary.area")
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert {row["code_property"] for row in rows} == {code}
    assert [json.loads(row["geometry"]) for row in rows] == [feature["geometry"] for feature in features]
    assert [row["area_code"] for row in rows] == [feature["properties"][code] for feature in features]
