package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import dev.herald.model.DeviceFlag;
import dev.herald.model.Uid;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.session.OwnSessions;
import io.vertx.core.Future;
import java.util.List;

/** What others ask of the session registry: checked, and no more at once than there is room for. */
final class Requests {
    private static final int MAX_IN_FLIGHT = 16_384;
    private static final int MAX_QUERY = 10_000;
    private static final int MAX_DEVICE_ID = 255;

    private final Bus bus;
    private final long incarnation;
    private final SessionRegistry registry;
    private final OwnSessions own;
    private final InFlight inFlight = new InFlight(MAX_IN_FLIGHT);

    Requests(Bus bus, long incarnation, SessionRegistry registry, OwnSessions own) {
        this.bus = bus;
        this.incarnation = incarnation;
        this.registry = registry;
        this.own = own;
    }

    Future<SessionOpened> open(OpenSession message) {
        SessionInfo session = message.session();
        check(session.uid(), session.deviceFlag(), 0);
        if (session.deviceId().length() > MAX_DEVICE_ID) {
            throw HeraldException.invalid("device_id", "must not be longer than " + MAX_DEVICE_ID + " characters");
        }
        if (SessionInfo.incarnationOf(session.id()) != incarnation) {
            throw HeraldException.invalid("session id", "must belong to node " + incarnation);
        }
        admit();
        return inFlight.run(() -> own.openings().open(session));
    }

    Future<Done> kick(KickDevice kick) {
        check(kick.uid(), kick.deviceFlag(), -1);
        admit();
        return inFlight.run(() -> own.sessions().kick(kick))
                .onSuccess(done -> bus.publish(Addresses.DEVICE_KICKED, kick));
    }

    Future<Done> kick(KickSession kick) {
        check(kick.uid(), 0, 0);
        admit();
        return inFlight.run(() -> own.sessions().kick(kick))
                .onSuccess(done -> bus.publish(Addresses.SESSION_KICKED, kick));
    }

    /** Elsewhere; so for the next. */
    void kicked(KickDevice kick) {
        own.sessions()
                .kickUnregistered(
                        kick.uid(),
                        session -> kick.deviceFlag() < 0 || kick.deviceFlag() == session.deviceFlag(),
                        kick.text());
    }

    void kicked(KickSession kick) {
        own.sessions().kickUnregistered(kick.uid(), session -> kick.id() == session.id(), kick.text());
    }

    Future<OnlineRows> query(OnlineQuery query) {
        if (query.uids().size() > MAX_QUERY) {
            throw HeraldException.invalid("uids", "must not be more than " + MAX_QUERY);
        }
        List<String> uids = query.uids().stream().distinct().toList();
        return inFlight.run(() -> registry.rows(uids)).map(OnlineRows::new);
    }

    /** Answers when none is under way. */
    Future<Void> drain() {
        return inFlight.drain();
    }

    private static void check(String uid, int deviceFlag, int lowestFlag) {
        String problem = Uid.problem(uid);
        if (!problem.isEmpty()) {
            throw HeraldException.invalid("uid", problem);
        }
        if (deviceFlag < lowestFlag || deviceFlag > DeviceFlag.MAX) {
            throw HeraldException.invalid("device_flag", "must be from " + lowestFlag + " to " + DeviceFlag.MAX);
        }
    }

    private void admit() {
        if (!registry.isReady()) {
            throw new HeraldException(Failure.UNAVAILABLE, "the session registry is not connected");
        }
        if (!own.edges().hasRoom()) {
            throw new HeraldException(Failure.OVERLOADED, "too many events wait to be recorded");
        }
    }
}
