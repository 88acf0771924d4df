"""Life of a function through boto3, as the environment points it: AWS_ENDPOINT_URL, AWS_REGION and keys.

Usage: life.py NAME ZIP. Prints what it saw as one line of JSON.
"""

import json
import pathlib
import sys

import boto3


def life(name: str, archive: str) -> dict:
    client = boto3.client("lambda")
    created = client.create_function(
        FunctionName=name,
        Runtime="nodejs24.x",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/test",
        Code={"ZipFile": pathlib.Path(archive).read_bytes()},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    version = client.publish_version(FunctionName=name)["Version"]
    client.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=version)
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    called = client.invoke(FunctionName=name, Qualifier="live", Payload=json.dumps({"a": 40, "b": 2}))
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1})
    listed = sum(each["FunctionName"] == name for page in pages for each in page["Functions"])
    client.delete_function(FunctionName=name)
    try:
        client.get_function(FunctionName=name)
    except client.exceptions.ResourceNotFoundException as error:
        gone = error.response["Error"]["Message"]
    return {
        "arn": created["FunctionArn"],
        "state": created["State"],
        "version": version,
        "alias": alias["AliasArn"],
        "executed": called["ExecutedVersion"],
        "answer": json.load(called["Payload"]),
        "listed": listed,
        "gone": gone,
    }


print(json.dumps(life(*sys.argv[1:])))
