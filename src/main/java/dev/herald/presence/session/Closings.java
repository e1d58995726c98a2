package dev.herald.presence.session;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Backoff;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has sockets closed whose sessions have ended in the registry. Another node is asked until it answers; if it does not
 * for so long that both know it, that node finds them by its own walk.
 */
final class Closings {
    private static final Logger log = LoggerFactory.getLogger(Closings.class);

    /** Several times as long as it takes until the bus tells both nodes that they do not reach each other. */
    private static final Duration WITHIN = Duration.ofSeconds(30);

    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);

    /** Questions under way; what is over that is told without asking for an answer. */
    private static final int BOUND = 10_000;

    private final Vertx vertx;
    private final Bus bus;
    private final long incarnation;
    private final PresenceMeters meters;
    private final Random random = new Random();
    private int underWay;

    Closings(Vertx vertx, Bus bus, long incarnation, PresenceMeters meters) {
        this.vertx = vertx;
        this.bus = bus;
        this.incarnation = incarnation;
        this.meters = meters;
    }

    /**
     * @param isMeant whether it must happen; else the nodes that have the sockets end them themselves, if they live at all
     * @param silent without a word to the client
     */
    void close(List<Long> ids, boolean isMeant, boolean silent, String text) {
        ids.stream().collect(Collectors.groupingBy(SessionInfo::incarnationOf)).forEach((node, there) -> {
            CloseSessions sessions = new CloseSessions(there, silent, text);
            if (isMeant && node != incarnation) {
                ask(node, sessions);
            } else {
                tell(node, sessions);
            }
        });
    }

    int size() {
        return underWay;
    }

    private void ask(long node, CloseSessions sessions) {
        if (underWay < BOUND) {
            underWay++;
            ask(node, sessions, System.nanoTime() + WITHIN.toNanos(), new Backoff(FIRST_RETRY, LAST_RETRY, random));
        } else {
            unheard(node, sessions);
        }
    }

    private void ask(long node, CloseSessions sessions, long until, Backoff backoff) {
        bus.request(node, Addresses.SESSIONS_CLOSE, sessions)
                .onSuccess(done -> underWay--)
                .onFailure(cause -> {
                    boolean isOlder = HeraldException.failureOf(cause) == Failure.INVALID;
                    if (isOlder || System.nanoTime() > until) {
                        underWay--;
                        unheard(node, sessions);
                    } else {
                        vertx.setTimer(backoff.next().toMillis(), timer -> ask(node, sessions, until, backoff));
                    }
                });
    }

    /** The only way with a node of a version that knows no other. */
    private void unheard(long node, CloseSessions sessions) {
        meters.unheard(sessions.ids().size());
        log.debug("node={} has not answered to close sessions={}", node, sessions.ids());
        tell(node, sessions);
    }

    private void tell(long node, CloseSessions sessions) {
        bus.toNode(node, Addresses.SOCKETS_CLOSE, sessions);
    }
}
