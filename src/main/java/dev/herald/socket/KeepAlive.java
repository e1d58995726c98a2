package dev.herald.socket;

import java.time.Duration;

/**
 * When a peer was last heard of, and what its silence asks for: TCP does not tell of a phone that is gone, so a peer
 * that says nothing is asked (RFC 6455 section 5.5.2), and one that does not answer either is dead.
 */
final class KeepAlive {

    /** What is due. */
    enum Due {
        NOTHING,
        PING,
        END
    }

    private final long idleMillis;
    private final long pingMillis;
    private final long pongMillis;
    private long heardAt;
    private long pingedAt;

    /**
     * @param idle silence that is too long, whatever was asked
     * @param pingAfter silence after which the peer is asked
     * @param pongTimeout how long it may take to answer with anything
     * @param now milliseconds of a clock that never steps
     */
    KeepAlive(Duration idle, Duration pingAfter, Duration pongTimeout, long now) {
        this.idleMillis = idle.toMillis();
        this.pingMillis = pingAfter.toMillis();
        this.pongMillis = pongTimeout.toMillis();
        this.heardAt = now;
        this.pingedAt = now;
    }

    /** Any byte is a sign of life, of whatever frame. */
    void heard(long at) {
        heardAt = Math.max(heardAt, at);
    }

    /** Milliseconds since it was heard of. */
    long silence(long now) {
        return now - heardAt;
    }

    /** Whoever is told {@link Due#PING} sends one. */
    Due due(long now) {
        boolean asked = pingedAt > heardAt;
        if (now - heardAt >= idleMillis || (asked && now - pingedAt >= pongMillis)) {
            return Due.END;
        }
        if (!asked && now - heardAt >= pingMillis) {
            pingedAt = now;
            return Due.PING;
        }
        return Due.NOTHING;
    }
}
