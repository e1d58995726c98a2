package dev.herald.api.http;

import dev.herald.failure.HeraldException;
import java.util.Optional;

/** The id of a message or command as text, since JavaScript cannot hold the larger ones as numbers. */
public final class MessageId {
    private static final String FORM = "[0-9]{1,18}";

    private MessageId() {}

    public static Optional<Long> parse(String text) {
        return text.matches(FORM) ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    /** The one that the path names. */
    public static long of(Call call) {
        return parse(call.part("id"))
                .orElseThrow(() -> HeraldException.invalid("id", "must be a message_id, 1 to 18 digits"));
    }
}
