"""Sends events to a Kinesis stream, each key in order. Needs boto3.

    python3 producer.py STREAM < carts.ndjson        a line: {"subject": "user-42", "data": {...}}, "id" if there is one
"""
import json
import random
import sys
import time
import uuid
from datetime import datetime, timezone
from itertools import islice

CALL_RECORDS, CALL_BYTES, READ_AHEAD, ROUNDS_WITHOUT_PROGRESS = 500, 4 * 1024 * 1024, 5_000, 50


def item_added(subject, data, id=None):
    """Made once, before the first attempt: whatever is sent again has the same id, and counts once."""
    return {
        "specversion": "1.0",
        "id": id or str(uuid.uuid4()),
        "source": "urn:shop:python",
        "type": "cart.item-added",
        "time": datetime.now(timezone.utc).isoformat(),
        "subject": subject,
        "dataschema": "urn:millrace:cart.item-added:2",
        "data": data,
    }


def record_of(event):
    return {"PartitionKey": event["subject"], "Data": json.dumps(event, allow_nan=False).encode()}


def send(client, stream, events, sleep=time.sleep):
    """A call has one record of a key: the next one waits until it is in, since Kinesis takes what follows a failed one."""
    waiting, failures = [record_of(event) for event in events], 0
    while waiting:
        firsts = {}
        for record in waiting:
            firsts.setdefault(record["PartitionKey"], record)
        call = list(firsts.values())[:CALL_RECORDS]
        while len(call) > 1 and sum(len(record["Data"]) for record in call) > CALL_BYTES:
            call.pop()
        answers = client.put_records(StreamName=stream, Records=call)["Records"]
        done = {id(record) for record, answer in zip(call, answers) if "SequenceNumber" in answer}
        waiting = [record for record in waiting if id(record) not in done]
        failures = 0 if done else failures + 1
        if failures == ROUNDS_WITHOUT_PROGRESS:
            raise RuntimeError(f"{len(waiting)} events are not sent: {answers[0]['ErrorMessage']}")
        if len(done) < len(call):
            sleep(random.uniform(0, min(5, 0.05 * 2**failures)))


if __name__ == "__main__":
    import boto3

    kinesis = boto3.client("kinesis")  # repeats a call that fails as a whole: the same records, the same ids
    for lines in iter(lambda: list(islice(sys.stdin, READ_AHEAD)), []):
        send(kinesis, sys.argv[1], (item_added(**json.loads(line)) for line in lines))
