package dev.herald.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How long the messages of some types of channel are kept, read from {@code 2=P365D,9=P7D}.
 *
 * @param byType only types whose messages have an end
 */
public record Retentions(Map<Integer, Duration> byType) {
    public static final Retentions NONE = new Retentions(Map.of());

    /** Webhooks may try for three days; what they are to tell is there so long. */
    static final Duration LEAST = Duration.ofDays(4);

    static final Duration MOST = Duration.ofDays(36_500);

    private static final int MAX_TYPE = 255;

    public Retentions {
        byType = Map.copyOf(byType);
    }

    /** @throws RuntimeException if it is anything else */
    public static Retentions of(String text) {
        return new Retentions(Arrays.stream(text.split(",", -1))
                .map(entry -> entry.split("=", -1))
                .collect(Collectors.toMap(Retentions::type, Retentions::duration)));
    }

    private static int type(String[] entry) {
        int type = Integer.parseInt(entry[0].strip());
        if (type < 1 || type > MAX_TYPE) {
            throw new IllegalArgumentException("no type of channel: " + type);
        }
        return type;
    }

    private static Duration duration(String[] entry) {
        Duration duration = Duration.parse(entry[1].strip());
        if (entry.length != 2 || duration.compareTo(LEAST) < 0 || duration.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("no retention: " + duration);
        }
        return duration;
    }
}
