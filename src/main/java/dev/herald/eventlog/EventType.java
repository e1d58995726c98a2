package dev.herald.eventlog;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What back ends can be told of; {@code GET /webhooks/schemas} describes each. */
public enum EventType {
    /** A user's device came online or went offline. */
    ONLINE_STATUS("user.onlinestatus", Audience.WUKONG),
    /** A message was stored. */
    MESSAGE_NOTIFY("msg.notify", Audience.WUKONG),
    /** A message has receivers who are not online. */
    MESSAGE_OFFLINE("msg.offline", Audience.WUKONG),
    /** A device acknowledged a command. */
    COMMAND_ACKNOWLEDGED("cmd.acknowledged", Audience.WHO_NAMES_IT),
    /** Reconciliation repaired more than it should have to. */
    PRESENCE_DRIFT("presence.drift", Audience.ALL),
    /** An endpoint fails, was paused, lost events to age, or is back. */
    WEBHOOK_FAILING("webhook.failing", Audience.ALL),
    /** A message that is not stored was sent: the source of {@link #MESSAGE_OFFLINE} for it. */
    MESSAGE_PASSED("msg.passed", Audience.HERALD);

    /** What is recorded for messages. */
    public static final Set<String> OF_MESSAGES =
            Set.of(MESSAGE_NOTIFY.value, MESSAGE_OFFLINE.value, MESSAGE_PASSED.value);

    private static final String WILDCARD = "*";

    private final String value;
    private final Audience audience;

    EventType(String value, Audience audience) {
        this.value = value;
        this.audience = audience;
    }

    private enum Audience {
        /** Back ends written for WuKongIM know it. */
        WUKONG,
        ALL,
        /** Not those who ask for everything. */
        WHO_NAMES_IT,
        /** Nobody outside. */
        HERALD
    }

    public String value() {
        return value;
    }

    public static Optional<EventType> of(String value) {
        return Arrays.stream(values()).filter(type -> type.value.equals(value)).findFirst();
    }

    /** All that the outside may know. */
    public static List<EventType> outside() {
        return Arrays.stream(values())
                .filter(type -> type.audience != Audience.HERALD)
                .toList();
    }

    public static List<String> ofOutside() {
        return values(outside().stream());
    }

    public static List<String> ofWukong() {
        return values(Arrays.stream(values()).filter(type -> type.audience == Audience.WUKONG));
    }

    /** What any of the patterns means: a name, a beginning and {@code *}, or {@code *} alone. */
    public static List<String> matching(Collection<String> patterns) {
        return values(Arrays.stream(values()).filter(type -> patterns.stream().anyMatch(type::matches)));
    }

    /** True if it means something that the outside may know. */
    public static boolean isKnown(String pattern) {
        return outside().stream().anyMatch(type -> type.matches(pattern));
    }

    private boolean matches(String pattern) {
        return switch (audience) {
            case HERALD -> value.equals(pattern);
            case WHO_NAMES_IT -> !pattern.equals(WILDCARD) && matchesText(pattern);
            case WUKONG, ALL -> matchesText(pattern);
        };
    }

    private boolean matchesText(String pattern) {
        return pattern.endsWith(WILDCARD)
                ? value.startsWith(pattern.substring(0, pattern.length() - 1))
                : value.equals(pattern);
    }

    private static List<String> values(Stream<EventType> types) {
        return types.map(EventType::value).toList();
    }
}
