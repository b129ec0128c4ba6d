import com.google.common.util.concurrent.ListenableFuture;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.kinesis.producer.IKinesisProducer;
import software.amazon.kinesis.producer.UserRecordFailedException;
import software.amazon.kinesis.producer.UserRecordResult;

/** Runs Producer.java against a stand-in for the KPL that fails every third user record, and prints each user record as NDJSON. */
public final class Record {
    private static final class Result extends CompletableFuture<UserRecordResult> implements ListenableFuture<UserRecordResult> {
        public void addListener(Runnable listener, Executor executor) {
            whenCompleteAsync((result, failure) -> listener.run(), executor);
        }
    }

    private static final class Failing implements IKinesisProducer {
        private final Queue<Runnable> answers = new ArrayDeque<>();
        private int entries;

        public ListenableFuture<UserRecordResult> addUserRecord(String stream, String partitionKey, ByteBuffer data) {
            boolean taken = ++entries % 3 != 0;
            String bytes = Base64.getEncoder().encodeToString(data.array());
            System.out.printf("{\"PartitionKey\":\"%s\",\"Data\":\"%s\",\"taken\":%b}%n", partitionKey, bytes, taken);
            Result result = new Result();
            answers.add(() -> {
                if (taken) result.complete(new UserRecordResult());
                else result.completeExceptionally(new UserRecordFailedException());
            });
            return result;
        }
    }

    public static void main(String[] args) throws Exception {
        Failing kpl = new Failing();
        Producer producer = new Producer(kpl, "shop");
        for (int nth = 1; nth <= 4; nth++) {
            for (String user : new String[] {"1", "2", "ü"}) {
                String data = "{\"productId\":\"mug\",\"quantity\":" + nth + ",\"unitPrice\":890,\"currency\":\"EUR\"}";
                producer.send("user-" + user, Producer.itemAdded("user-" + user + "/" + nth, "user-" + user, Instant.now(), data));
            }
        }
        while (!kpl.answers.isEmpty()) kpl.answers.remove().run();
        producer.flush();
    }
}
