"""Signs requests with botocore's own signers. Reads a list of requests as JSON and prints what would be sent.

Each request: method, url, headers (list of pairs), body (Base64), presign (whether into the query).
"""

import base64
import json
import sys

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def sign(wanted: dict, credentials: Credentials) -> dict:
    body = base64.b64decode(wanted["body"])
    request = AWSRequest(wanted["method"], wanted["url"], dict(wanted["headers"]), body)
    signer = SigV4QueryAuth if wanted["presign"] else SigV4Auth
    signer(credentials, "lambda", "eu-central-1").add_auth(request)
    return {"url": request.url, "headers": [[name, value] for name, value in request.headers.items()]}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    keys = Credentials(asked["accessKeyId"], asked["secretAccessKey"], asked.get("sessionToken"))
    json.dump([sign(request, keys) for request in asked["requests"]], sys.stdout)
