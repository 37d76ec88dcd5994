"""A function for many environments at once: NOTED is where it notes, unseen by the log, which invocation handled which key."""

import os
import urllib.parse


def handler(event, context):
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        with open(os.environ["NOTED"], "a", encoding="utf-8") as noted:
            noted.write(f"{key}\t{context.aws_request_id}\n")
        if os.environ["KIND"] == "tells":
            print("new image:", key)
