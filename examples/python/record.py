"""Runs producer.py against a stand-in for boto3's client that throttles every third entry, and prints each entry as NDJSON."""
import base64
import json

from producer import item_added, send


class Throttling:
    def __init__(self):
        self.entries = 0

    def put_records(self, StreamName, Records):
        answers = []
        for record in Records:
            self.entries += 1
            taken = self.entries % 3 != 0
            print(json.dumps({**record, "Data": base64.b64encode(record["Data"]).decode(), "taken": taken}))
            error = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"}
            answers.append({"SequenceNumber": str(self.entries)} if taken else error)
        return {"Records": answers}


def added(user, nth):
    data = {"productId": "mug", "quantity": nth, "unitPrice": 890, "currency": "EUR"}
    return item_added(user, data, id=f"{user}/{nth}")


send(Throttling(), "shop", [added(f"user-{user}", nth) for nth in (1, 2, 3, 4) for user in ("1", "2", "ü")], sleep=lambda _: None)
