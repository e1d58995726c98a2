package dev.herald.webhook.post;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What became of one request.
 *
 * @param status the HTTP status, or why there is none; without zero bytes, as is the answer
 * @param retryAfter what the receiver asked for
 * @param answer the first bytes of the answer's body
 */
public record Outcome(Kind kind, String status, Optional<Duration> retryAfter, String answer) {
    /** The database takes no zero bytes. */
    public Outcome {
        status = status.replace('\0', ' ');
        answer = answer.replace('\0', ' ');
    }

    /** What a status says of the endpoint, and of what was sent. */
    public enum Kind {
        DELIVERED,
        /** The endpoint lives and will not have this content. */
        REFUSED,
        /** It can take less than it gets, for now. */
        THROTTLED,
        /** It is not there any more. */
        GONE,
        FAILED
    }

    /** Standard Webhooks: these ask the sender to slow down. */
    private static final Set<Integer> THROTTLING = Set.of(429, 502, 503, 504);

    /** Of the content's own: malformed, conflict, precondition, too large, wrong type, unprocessable. */
    private static final Set<Integer> REFUSING = Set.of(400, 409, 412, 413, 415, 422);

    private static final int GONE = 410;

    public static Outcome noAnswer(String reason) {
        return new Outcome(Kind.FAILED, reason, Optional.empty(), "");
    }

    /** Any 2xx is a success; a redirect is a failure, whatever it points to. */
    public static Outcome of(int status, Optional<Duration> retryAfter, String answer) {
        return new Outcome(kind(status), Integer.toString(status), retryAfter, answer);
    }

    public boolean delivered() {
        return kind == Kind.DELIVERED;
    }

    /** Says that who answers is not who was asked, or cannot serve. */
    public boolean isGatewayError() {
        return kind == Kind.THROTTLED && !status.equals("429");
    }

    private static Kind kind(int status) {
        if (status >= 200 && status < 300) {
            return Kind.DELIVERED;
        }
        if (THROTTLING.contains(status)) {
            return Kind.THROTTLED;
        }
        if (REFUSING.contains(status)) {
            return Kind.REFUSED;
        }
        return status == GONE ? Kind.GONE : Kind.FAILED;
    }
}
