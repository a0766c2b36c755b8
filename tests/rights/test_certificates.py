"""Of a document's number nothing but a mask and a keyed digest is kept; of who was erased a certificate tells no name."""

import pytest
from sqlalchemy import select

from app.certificates import queries as certificates
from app.certificates import service as issuing
from app.certificates.models import Certificate, CertificateRequest
from app.core import clock
from app.core.db import db, in_transaction
from app.core.identity import holds_id_number
from app.rights.policies import NAME
from tests.rights.conftest import everywhere, given_everything

NUMBER = "440682198005010028"


@pytest.fixture
def asked(place, as_person):
    given_everything(place)
    form = {"unit": place.branch, "since": "2026-01-01", "until": "2026-11-20", "purpose": "入职"}
    answer = as_person(place.person).post("/me/certificates", data={**form, "document_kind": "id_card", "document_number": NUMBER})
    assert answer.status_code == 303
    return db.session.scalars(select(CertificateRequest.id)).one()


def test_the_number_of_a_document_is_kept_nowhere(place, asked):
    row = db.session.execute(select(CertificateRequest.document_masked, CertificateRequest.document_hash)).one()
    assert holds_id_number(NUMBER)
    assert len(row.document_hash) == 64
    assert everywhere(NUMBER) == {}


def test_a_certificate_can_still_be_verified_without_a_name(place, asked, client):
    def work() -> int:
        issuing.accept(asked, place.secretary, "0757-0000 0000", "", str, clock.now())
        (made,) = issuing.issue([asked], place.administrator, str, str, clock.now())
        return made

    made = in_transaction(work)
    number, token, digest = db.session.execute(select(Certificate.number, Certificate.token, Certificate.digest)).one()
    masked = db.session.scalar(select(CertificateRequest.document_masked))
    assert "欧阳" in client.get(f"/verify/{number}").text
    place.erase()
    for address in (f"/verify/{number}", f"/verify/{number}/{token}"):
        page = client.get(address).text
        assert NAME in page
        assert "欧阳" not in page
        assert masked not in page
        assert "有效" in page
    row = certificates.certificate(made)
    assert row.whole
    assert row.digest == digest
    kept = db.session.execute(
        select(CertificateRequest.document_masked, CertificateRequest.document_hash, CertificateRequest.purpose)
    ).one()
    assert tuple(kept) == ("", "", "已按本人要求删除")
