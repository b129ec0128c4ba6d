package software.amazon.kinesis.producer;

public class UserRecordResult {
}
