package dev.herald.api.event;

import dev.herald.api.http.Fields;
import dev.herald.eventlog.Position;
import java.util.Optional;

/** Places in the log of events, as callers name them. */
public final class Cursors {
    private Cursors() {}

    /** Empty if the caller names none. */
    public static Optional<Position> after(Fields fields) {
        if (!fields.has("after")) {
            return Optional.empty();
        }
        Optional<Position> after = Position.parse(fields.text("after", Position.MAX_TEXT));
        if (after.isEmpty()) {
            fields.refuse("after", "is no cursor that was given out here");
        }
        return after;
    }
}
