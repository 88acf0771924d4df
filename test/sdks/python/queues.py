"""Messages through boto3, as the environment points it: AWS_ENDPOINT_URL, AWS_REGION and keys.

Sends, receives and deletes, checks AWS's checksums by itself, and prints what it saw as one line of JSON.
"""

import hashlib
import json
import struct

import boto3


def checksum(attributes: dict) -> str:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html"""
    hashed = hashlib.md5()
    for name, value in sorted(attributes.items()):
        binary = "BinaryValue" in value
        content = value["BinaryValue"] if binary else value["StringValue"].encode()
        for part in (name.encode(), value["DataType"].encode()):
            hashed.update(struct.pack(">I", len(part)) + part)
        hashed.update((b"\x02" if binary else b"\x01") + struct.pack(">I", len(content)) + content)
    return hashed.hexdigest()


def messages() -> dict:
    queue = boto3.resource("sqs").create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})
    attributes = {
        "text": {"DataType": "String", "StringValue": "ä"},
        "number": {"DataType": "Number.int", "StringValue": "7"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = queue.send_message(
        MessageBody="first", MessageGroupId="g", MessageDeduplicationId="1", MessageAttributes=attributes
    )
    entries = [
        {"Id": each, "MessageBody": each, "MessageGroupId": "g", "MessageDeduplicationId": each} for each in ("2", "3")
    ]
    batch = queue.send_messages(Entries=entries)
    received = []
    while got := queue.receive_messages(MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]):
        received += got
        for message in got:
            message.delete()
    client = boto3.client("sqs")
    try:
        client.get_queue_url(QueueName="gone")
    except client.exceptions.QueueDoesNotExist as error:
        missing = error.response["Error"]["Code"]
    return {
        "body": sent["MD5OfMessageBody"] == hashlib.md5(b"first").hexdigest() == received[0].md5_of_body,
        "attributes": sent["MD5OfMessageAttributes"] == checksum(attributes) == received[0].md5_of_message_attributes,
        "same": received[0].message_attributes == attributes,
        "sent": len(batch["Successful"]),
        "order": [message.body for message in received],
        "missing": missing,
    }


print(json.dumps(messages()))
