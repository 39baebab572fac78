import pytest

from fetcher import Refused, check


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/", "file:///etc/shadow", "http://100.100.100.200/"])
def test_private_places_are_refused(url):
    with pytest.raises(Refused):
        check(url)
