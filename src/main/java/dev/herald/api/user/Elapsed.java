package dev.herald.api.user;

import java.time.Duration;

/** A time span as WuKongIM tells it: {@code 26h3m4s}. */
public final class Elapsed {
    private Elapsed() {}

    public static String text(Duration span) {
        StringBuilder text = new StringBuilder();
        if (span.toHours() > 0) {
            text.append(span.toHours()).append('h');
        }
        if (span.toMinutes() > 0) {
            text.append(span.toMinutesPart()).append('m');
        }
        return text.append(span.toSecondsPart()).append('s').toString();
    }
}
