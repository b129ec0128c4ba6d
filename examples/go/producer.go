// Package producer sends events to a Kinesis stream, each key in order. The client repeats calls that fail as a whole by itself.
package producer

import (
	"context"
	"encoding/json"
	"math/rand"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const callRecords, callBytes = 500, 4 << 20

// ItemAdded is made once, before the first attempt: whatever is sent again has the same id, and counts once.
func ItemAdded(id, subject string, at time.Time, data any) (types.PutRecordsRequestEntry, error) {
	event, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": id, "source": "urn:shop:go", "type": "cart.item-added", "time": at.Format(time.RFC3339Nano),
		"subject": subject, "dataschema": "urn:millrace:cart.item-added:2", "data": data})
	return types.PutRecordsRequestEntry{PartitionKey: &subject, Data: event}, err
}

// Send returns once all events are in the stream, or with what went wrong: then all may be sent again.
func Send(ctx context.Context, client *kinesis.Client, stream string, waiting []types.PutRecordsRequestEntry) error {
	for failures := 0; len(waiting) > 0; {
		call, later := callOf(waiting)
		answer, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &stream, Records: call})
		if err != nil {
			return err
		}
		waiting = nil
		for nth, result := range answer.Records {
			if result.ErrorCode != nil {
				waiting = append(waiting, call[nth])
			}
		}
		if failures++; len(waiting) == 0 {
			failures = 0
		} else {
			time.Sleep(time.Duration(rand.Int63n(int64(50*time.Millisecond) << min(failures, 6))))
		}
		waiting = append(waiting, later...)
	}
	return nil
}

// A call has one record of a key: the next one waits until it is in, since Kinesis takes what follows a failed one.
func callOf(waiting []types.PutRecordsRequestEntry) (call, later []types.PutRecordsRequestEntry) {
	seen, size := map[string]bool{}, 0
	for _, entry := range waiting {
		if key := *entry.PartitionKey; seen[key] || len(call) == callRecords || (len(call) > 0 && size+len(entry.Data) > callBytes) {
			later, seen[key] = append(later, entry), true
		} else {
			call, seen[key], size = append(call, entry), true, size+len(entry.Data)
		}
	}
	return call, later
}
