"""Functions as others write them: KIND says what this one logs. It publishes to the topic unless it is to fail or forget."""

import json
import os
import signal
import time
import urllib.parse

import boto3

sns = boto3.client("sns")


def attempt(context):
    """The number of this attempt, counted in a file: another environment may have made the one before."""
    with open(os.path.join(os.environ["ATTEMPTS"], context.aws_request_id), "a") as file:
        file.write(".")
        return file.tell()


def handler(event, context):
    kind = os.environ["KIND"]
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        encoded = record["s3"]["object"]["key"]
        key = urllib.parse.unquote_plus(encoded)
        if kind in ("key", "key_and_message_id"):
            print(f"got {encoded}")
        elif kind in ("url", "fails", "forgets"):
            print(f"Processing s3://{bucket}/{key}")
        elif kind == "last_part":
            print("thumbnail of", key.split("/")[-1])
        elif kind == "event":
            print(json.dumps(event))
        elif kind == "event_pretty":
            print(json.dumps(event, indent=2))
        elif kind == "event_repr":
            print("event:", event)
        elif kind == "json":
            print(json.dumps({"level": "INFO", "message": "resizing", "key": key, "function_request_id": context.aws_request_id}))
        elif kind == "node":
            print(f"2026-11-29T10:00:00.000Z\t{context.aws_request_id}\tINFO\tresizing {encoded}")
        elif kind == "etag":
            print("content", record["s3"]["object"]["eTag"])
        elif kind in ("sleeps", "dies", "retries"):
            print(f"Processing s3://{bucket}/{key}")
        if kind == "sleeps":
            time.sleep(600)
        if kind == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "retries" and attempt(context) < 3:
            raise ConnectionError("try again")
        if kind == "fails":
            raise RuntimeError("no thumbnail")
        if kind == "forgets":
            continue
        sent = sns.publish(TopicArn=os.environ["SNS_TOPIC_ARN"], Subject="new image", Message=f"{key} is there")
        if kind in ("message_id", "key_and_message_id"):
            print("sent", sent["MessageId"])
