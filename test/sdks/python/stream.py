"""A streamed answer through boto3, as the environment points it. Usage: stream.py NAME EVENT.

Prints each event of the stream as a line of JSON when it comes.
"""

import json
import sys

import boto3


def events(name: str, payload: str):
    answer = boto3.client("lambda").invoke_with_response_stream(FunctionName=name, Payload=payload, LogType="Tail")
    for event in answer["EventStream"]:
        if "PayloadChunk" in event:
            yield {"chunk": event["PayloadChunk"]["Payload"].decode()}
        else:
            yield {"complete": sorted(event["InvokeComplete"]), "status": answer["StatusCode"]}


for event in events(*sys.argv[1:]):
    print(json.dumps(event), flush=True)
