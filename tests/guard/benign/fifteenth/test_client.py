import pytest

from app import create_app


@pytest.fixture
def client():
    return create_app().test_client()


@pytest.mark.parametrize('url', ['http://169.254.169.254/latest/', 'http://metadata.google.internal/'])
def test_private_addresses_are_refused(client, url):
    assert client.get(f'/preview?url={url}').status_code == 400
