"""The pictures of the README, made again by:

CHARTLINE_HOME=… .build/test-venv/bin/python -m pytest Tests/Browser/test_pictures.py --screenshots deploy/pictures
"""

import pytest
from conftest import account, find_patient, follow

MOST_BYTES = 256 * 1024


@pytest.fixture
def folder(request, tmp_path):
    folder = request.config.getoption("--screenshots") or tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep(page, file):
    page.screenshot(path=file)
    assert 10_000 < file.stat().st_size < MOST_BYTES


def test_the_portal(people, folder):
    page = people.signed_in(account("patient", "maria"), viewport={"width": 1000, "height": 1120})
    page.goto("/results")
    follow(page, page.locator("main a[href^='/results/']", has_text="LDL cholesterol"))
    assert page.locator("main .plot svg[role=img]").is_visible()
    keep(page, folder / "portal.png")


def test_the_clinic(people, folder):
    page = people.signed_in(account("nurse"), viewport={"width": 1240, "height": 720})
    follow(page, find_patient(page, "alvarez maria"))
    assert page.locator("main .plot svg[role=img]").first.is_visible()
    keep(page, folder / "clinic.png")
