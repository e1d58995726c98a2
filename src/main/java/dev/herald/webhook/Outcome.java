package dev.herald.webhook;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of one request.
 *
 * @param status the HTTP status, or why there is none
 * @param retryAfter what the receiver asked for
 */
record Outcome(boolean delivered, String status, Optional<Duration> retryAfter) {
    static Outcome noAnswer(String reason) {
        return new Outcome(false, reason, Optional.empty());
    }

    /** Any 2xx is a success; only 429 and 503 may ask for a wait. */
    static Outcome of(int status, Optional<Duration> retryAfter) {
        boolean delivered = status >= 200 && status < 300;
        boolean mayAsk = status == 429 || status == 503;
        return new Outcome(delivered, Integer.toString(status), mayAsk ? retryAfter : Optional.empty());
    }
}
