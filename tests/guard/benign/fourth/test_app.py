import pytest
from app import app


@pytest.fixture
def client():
    app.config["TESTING"] = True
    with app.test_client() as client:
        yield client


@pytest.mark.parametrize("body,status", [({"title": "a"}, 201), ({"title": ""}, 400), ({}, 400)])
def test_add(client, body, status):
    assert client.post("/tasks", json=body).status_code == status
