import com.google.common.util.concurrent.ListenableFuture;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.*;
import java.util.concurrent.*;
import software.amazon.kinesis.producer.*;
/** Sends events with the KPL 1.x, each key in order: new Producer(new KinesisProducer(configuration), "stream"). */
public final class Producer {
    private static final int UNDER_WAY = 10_000;
    private final IKinesisProducer kpl;
    private final String stream;
    private final Map<String, Queue<byte[]>> waiting = new HashMap<>();
    private final Semaphore room = new Semaphore(UNDER_WAY);
    private volatile Exception defect;
    public Producer(IKinesisProducer kpl, String stream) { this.kpl = kpl; this.stream = stream; }
    /** Made once, before the first attempt: whatever is sent again has the same id, and counts once. Data are JSON. */
    public static byte[] itemAdded(String id, String subject, Instant time, String data) {
        String json = "{\"specversion\":\"1.0\",\"id\":%s,\"source\":\"urn:shop:java\",\"type\":\"cart.item-added\",\"time\":\"%s\","
            + "\"subject\":%s,\"dataschema\":\"urn:millrace:cart.item-added:2\",\"data\":%s}";
        return json.formatted(quoted(id), time, quoted(subject), data).getBytes(StandardCharsets.UTF_8);
    }
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) json.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : c);
        return json.append('"').toString();
    }
    /** Waits while much is under way. A subject's next event waits until the one before is in: by itself the KPL lets it overtake. */
    public void send(String subject, byte[] event) throws InterruptedException {
        take(1);
        synchronized (this) {
            Queue<byte[]> queue = waiting.computeIfAbsent(subject, key -> new ArrayDeque<>());
            queue.add(event);
            if (queue.size() == 1) put(subject, event);
        }
    }
    /** Returns once everything is in the stream. */
    public void flush() throws InterruptedException {
        take(UNDER_WAY);
        room.release(UNDER_WAY);
    }
    private void take(int permits) throws InterruptedException {
        while (!room.tryAcquire(permits, 100, TimeUnit.MILLISECONDS)) if (defect != null) throw new IllegalStateException(defect);
    }
    private void put(String subject, byte[] event) {
        ListenableFuture<UserRecordResult> result = kpl.addUserRecord(stream, subject, ByteBuffer.wrap(event));
        result.addListener(() -> settle(subject, result), Runnable::run);
    }
    private synchronized void settle(String subject, Future<UserRecordResult> result) {
        Queue<byte[]> queue = waiting.get(subject);
        try {
            if (succeeded(result)) { queue.remove(); room.release(); }
            if (queue.isEmpty()) waiting.remove(subject); else put(subject, queue.peek()); // after a failure the very same bytes
        } catch (Exception e) { defect = e; }
    }
    private static boolean succeeded(Future<UserRecordResult> result) throws Exception {
        try { result.get(); return true; } catch (ExecutionException e) { if (e.getCause() instanceof UserRecordFailedException) return false; throw e; }
    }
}
