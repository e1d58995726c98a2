package dev.herald.endpoint;

import dev.herald.eventlog.EventType;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A back end that events are posted to.
 *
 * @param stateReason why it is in its state, empty if it was asked for without a reason
 * @param revision raised by every change
 * @param failingSince since when nothing was delivered though it was tried
 */
public record Endpoint(
        String id,
        Settings settings,
        Security security,
        State state,
        String stateReason,
        long revision,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant failingSince) {

    /** The one that the configuration gives. */
    public static final String CONFIGURED = "config";

    /** Has no URL: its events are recorded for those who pull. */
    public static final String PULL = "pull";

    /** Reads stored messages to tell of receivers that are offline; active while somebody wants to be told. */
    public static final String OFFLINE_NOTICES = "offline";

    public static final List<String> RESERVED = List.of(CONFIGURED, PULL, OFFLINE_NOTICES);

    public static final int MAX_BATCH = 1_000;
    public static final Duration MAX_BATCH_DELAY = Duration.ofSeconds(10);
    public static final int MAX_CONCURRENCY = 64;
    public static final int MAX_RATE = 100_000;

    /** The form of the bodies. */
    public enum Format {
        /** As WuKongIM's: an array per event type, named in the query. */
        WUKONG,
        /** The envelope of Standard Webhooks: type, timestamp, data. */
        STANDARD
    }

    public enum State {
        ACTIVE,
        /** Keeps its cursors; what waits ages into dead letters. */
        PAUSED,
        /** Not named by the configuration any more: nothing waits for it. */
        ABSENT,
        PULL,
        DELETED
    }

    /**
     * What its owner chooses.
     *
     * @param events names with wildcards; none for what suits the format
     * @param batchSize most events in one request, 1 to {@value #MAX_BATCH}
     * @param batchDelay longest wait for others to share a request
     * @param concurrency most requests of one node at once, 1 to {@value #MAX_CONCURRENCY}
     * @param rate requests per second of all nodes, 0 for no bound
     */
    public record Settings(
            String url,
            String description,
            Format format,
            List<String> events,
            int batchSize,
            Duration batchDelay,
            int concurrency,
            int rate) {
        public Settings {
            events = List.copyOf(events);
        }

        /** The types that the filter stands for. */
        public List<String> types() {
            if (!events.isEmpty()) {
                return EventType.matching(events);
            }
            return format == Format.WUKONG ? EventType.ofWukong() : EventType.matching(List.of("*"));
        }
    }

    /**
     * @param publicKeys of scheme v1a, newest first
     * @param secrets sealed, null for {@link Vault#ownSecret}
     * @param headers sealed, null for none
     */
    public record Security(
            Scheme scheme,
            List<String> publicKeys,
            List<String> headerNames,
            @Nullable Buffer secrets,
            @Nullable Buffer headers) {
        public static final Security DEFAULT = new Security(Scheme.V1, List.of(), List.of(), null, null);

        public Security {
            publicKeys = List.copyOf(publicKeys);
            headerNames = List.copyOf(headerNames);
        }
    }

    /** Of Standard Webhooks' signatures. */
    public enum Scheme {
        /** HMAC-SHA256. */
        V1,
        /** ed25519. */
        V1A
    }
}
