import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The stats step in Kafka Streams, exactly once: the newest revision of each complaint, summed by operator and day.
 *
 * <p>Arguments: topic, output topic, number of records. PEER_BROKER: properties of a client as JSON. The last line of its
 * output is JSON: `seconds` from the first record to the last, `complaints` by the sums that the output topic ends with,
 * `cpu_seconds`, `peak_rss_mb`.
 */
public final class KafkaStreamsPeer {
    private static final String CONTRIBUTIONS = "contributions";
    private static final String SUMS = "sums";
    private static final int THREADS = 2;
    private static final int COMMIT_INTERVAL_MS = 1_000;
    private static final int SUM_COUNT = 5;
    private static final double NANOS = 1e9;
    private static final int KIB_PER_MIB = 1024;
    private static final ObjectMapper JSON = new ObjectMapper()
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    record Operator(String key) {}

    record Complaint(String complaintId, long revision, String kind, String receivedOn, Operator operator, String status,
                     String outcome, boolean accepted, String amount, String duplicateOf) {

        /** Return complaints, accepted, settled, mediated and the amount in fen, which this complaint adds. */
        long[] adds() {
            if (!kind.equals("complaint") || duplicateOf != null) {
                return new long[SUM_COUNT];
            }
            boolean closed = status.equals("closed") && outcome != null;
            boolean settled = closed && (outcome.equals("mediated") || outcome.equals("self_settled"));
            boolean mediated = settled || closed && outcome.equals("failed");
            long fen = amount == null ? 0 : new BigDecimal(amount).movePointRight(2).longValueExact();
            return new long[] {1, accepted ? 1 : 0, settled ? 1 : 0, mediated ? 1 : 0, fen};
        }
    }

    record DaySums(String operator, String day, long[] sums) {}

    /** Counts processed records, and when the first and the last of them were. */
    static final class Progress {
        private final int total;
        private final AtomicInteger processed = new AtomicInteger();
        private final CountDownLatch finished = new CountDownLatch(1);
        private volatile long first;
        private volatile long last;
        private volatile Throwable failure;

        Progress(int total) {
            this.total = total;
        }

        void advance() {
            int number = processed.incrementAndGet();
            if (number == 1) {
                first = System.nanoTime();
            }
            if (number == total) {
                last = System.nanoTime();
                finished.countDown();
            }
        }

        void fail(Throwable error) {
            failure = error;
            finished.countDown();
        }

        double await() throws InterruptedException {
            finished.await();
            if (failure != null) {
                throw new IllegalStateException(failure);
            }
            return (last - first) / NANOS;
        }
    }

    /** Replaces what a complaint's earlier revision added by what this one adds. */
    static final class Count implements Processor<String, byte[], String, byte[]> {
        private final ObjectReader reader = JSON.readerFor(Complaint.class);
        private final Progress progress;
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> contributions;
        private KeyValueStore<String, byte[]> sums;

        Count(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void init(ProcessorContext<String, byte[]> context) {
            this.context = context;
            contributions = context.getStateStore(CONTRIBUTIONS);
            sums = context.getStateStore(SUMS);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            try {
                count(reader.readValue(record.value()), record);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
            progress.advance();
        }

        /** A contribution is stored as the revision, the day and what it adds. */
        private void count(Complaint complaint, Record<String, byte[]> record) throws IOException {
            byte[] stored = contributions.get(complaint.complaintId());
            long[] earlier = stored == null ? null : unpack(stored);
            if (earlier != null && earlier[0] >= complaint.revision()) {
                return;
            }
            long day = LocalDate.parse(complaint.receivedOn()).toEpochDay();
            long[] adds = complaint.adds();
            contributions.put(complaint.complaintId(), pack(concatenate(complaint.revision(), day, adds)));
            String operator = complaint.operator().key();
            if (earlier != null && earlier[1] == day) {
                emit(record, operator, day, subtract(adds, earlier));
                return;
            }
            if (earlier != null) {
                emit(record, operator, earlier[1], subtract(new long[SUM_COUNT], earlier));
            }
            emit(record, operator, day, adds);
        }

        private void emit(Record<String, byte[]> record, String operator, long day, long[] adds) throws IOException {
            String date = LocalDate.ofEpochDay(day).toString();
            String key = operator + "|" + date;
            byte[] stored = sums.get(key);
            long[] total = stored == null ? new long[SUM_COUNT] : unpack(stored);
            for (int index = 0; index < SUM_COUNT; index++) {
                total[index] += adds[index];
            }
            sums.put(key, pack(total));
            context.forward(record.withKey(key).withValue(JSON.writeValueAsBytes(new DaySums(operator, date, total))));
        }

        private static long[] concatenate(long revision, long day, long[] adds) {
            long[] all = new long[2 + SUM_COUNT];
            all[0] = revision;
            all[1] = day;
            System.arraycopy(adds, 0, all, 2, SUM_COUNT);
            return all;
        }

        private static long[] subtract(long[] adds, long[] contribution) {
            long[] difference = adds.clone();
            for (int index = 0; index < SUM_COUNT; index++) {
                difference[index] -= contribution[index + 2];
            }
            return difference;
        }

        private static byte[] pack(long[] numbers) {
            ByteBuffer buffer = ByteBuffer.allocate(numbers.length * Long.BYTES);
            buffer.asLongBuffer().put(numbers);
            return buffer.array();
        }

        private static long[] unpack(byte[] stored) {
            long[] numbers = new long[stored.length / Long.BYTES];
            ByteBuffer.wrap(stored).asLongBuffer().get(numbers);
            return numbers;
        }
    }

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[0];
        String output = arguments[1];
        Progress progress = new Progress(Integer.parseInt(arguments[2]));
        Properties broker = new Properties();
        broker.putAll(JSON.readValue(System.getenv("PEER_BROKER"), Map.class));
        createTopicLike(broker, topic, output);
        Path folder = Files.createTempDirectory("kafka-streams-peer");
        double seconds;
        try (KafkaStreams streams = new KafkaStreams(topology(topic, output, progress), options(broker, folder))) {
            streams.setUncaughtExceptionHandler(error -> {
                progress.fail(error);
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
            streams.start();
            seconds = progress.await();
            // Closing it commits what the threads have processed since their last commit.
        }
        double cpuSeconds = cpuSeconds();
        long peak = peakRssMib();
        Map<String, Object> report = Map.of("seconds", seconds, "complaints", complaints(broker, output),
                "cpu_seconds", cpuSeconds, "peak_rss_mb", peak);
        System.out.println(JSON.writeValueAsString(report));
    }

    private static Topology topology(String topic, String output, Progress progress) {
        Topology topology = new Topology();
        topology.addSource("complaints", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), topic);
        topology.addProcessor("count", () -> new Count(progress), "complaints");
        topology.addStateStore(store(CONTRIBUTIONS), "count");
        topology.addStateStore(store(SUMS), "count");
        topology.addSink("day-sums", output, Serdes.String().serializer(), Serdes.ByteArray().serializer(), "count");
        return topology;
    }

    private static StoreBuilder<KeyValueStore<String, byte[]>> store(String name) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled();
    }

    private static Properties options(Properties broker, Path folder) {
        Properties options = new Properties();
        options.putAll(broker);
        options.put(StreamsConfig.APPLICATION_ID_CONFIG, "kafka-streams-" + System.nanoTime());
        options.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        options.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
        options.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        options.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // As long as stats lingers under load; ten commits a second, the default, cost the broker half as much again.
        options.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MS);
        return options;
    }

    private static void createTopicLike(Properties broker, String topic, String output) throws Exception {
        try (Admin admin = Admin.create(broker)) {
            int partitions = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
            admin.createTopics(List.of(new NewTopic(output, Optional.of(partitions), Optional.empty()))).all().get();
        }
    }

    /** Return the complaints of the committed sums: the newest of each operator and day. */
    private static long complaints(Properties broker, String output) throws IOException {
        Properties options = new Properties();
        options.putAll(broker);
        options.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        options.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        Map<String, Long> newest = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(options, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(output).forEach(each -> partitions.add(new TopicPartition(output, each.partition())));
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    newest.put(record.key(), JSON.readValue(record.value(), DaySums.class).sums()[0]);
                }
            }
        }
        return newest.values().stream().mapToLong(Long::longValue).sum();
    }

    private static double cpuSeconds() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return Math.round(system.getProcessCpuTime() / NANOS * 100) / 100.0;
    }

    private static long peakRssMib() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(each -> each.startsWith("VmHWM"))
                .findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) / KIB_PER_MIB;
    }

    private KafkaStreamsPeer() {}
}
