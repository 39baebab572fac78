import sys
import unittest
from unittest import mock

import app


class Api(unittest.TestCase):
    def setUp(self):
        self.client = app.app.test_client()

    def test_eval_is_not_run(self):
        answer = self.client.post("/compute", json={"formula": "__import__('os').system('id')"})
        self.assertEqual(answer.status_code, 400)

    @mock.patch("app.requests.get")
    def test_weather(self, get):
        get.return_value.json.return_value = {"temp": 20}
        self.assertEqual(self.client.get("/weather?city=Rome").get_json()["temp"], 20)

    def test_path_traversal(self):
        self.assertEqual(self.client.get("/files/../../etc/passwd").status_code, 404)


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False).result.wasSuccessful())
