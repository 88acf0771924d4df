"""Answers with what it was given."""


def lambda_handler(event, context):
    return {"echo": event}
