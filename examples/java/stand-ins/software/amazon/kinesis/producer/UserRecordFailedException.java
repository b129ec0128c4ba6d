package software.amazon.kinesis.producer;

public class UserRecordFailedException extends Exception {
}
