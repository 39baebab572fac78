import pytest
from app import create_app
@pytest.fixture
def client():
    return create_app({'TESTING': True}).test_client()
@pytest.mark.parametrize('path', ['../etc/passwd', '..%2f..%2fsecret', "'; DROP TABLE users; --"])
def test_bad_paths(client, path):
    assert client.get('/files/' + path).status_code in (400, 404)
