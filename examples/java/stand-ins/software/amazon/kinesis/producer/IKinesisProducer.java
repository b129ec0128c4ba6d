package software.amazon.kinesis.producer;

import com.google.common.util.concurrent.ListenableFuture;
import java.nio.ByteBuffer;

public interface IKinesisProducer {
    ListenableFuture<UserRecordResult> addUserRecord(String stream, String partitionKey, ByteBuffer data);
}
