package dev.herald.presence.session;

import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.SessionRegistry;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ends of sessions, whoever wishes them; and of whom this node has something. */
public final class Sessions {
    private static final Logger log = LoggerFactory.getLogger(Sessions.class);

    private final Changes changes;
    private final SessionRegistry registry;
    private final Closings closings;
    private final Residents residents;
    private final Recent recent;
    private final Holds holds;
    private final Map<Long, Future<Done>> ending = new HashMap<>();

    Sessions(
            Changes changes,
            SessionRegistry registry,
            Closings closings,
            Residents residents,
            Recent recent,
            Holds holds) {
        this.changes = changes;
        this.registry = registry;
        this.closings = closings;
        this.residents = residents;
        this.recent = recent;
        this.holds = holds;
    }

    /** Answers when the registry knows; until then it is tried again. */
    public Future<Done> end(EndSession end) {
        Future<Done> underWay = ending.get(end.id());
        if (underWay != null) {
            return underWay;
        }
        Future<Done> ended = changes.carry(end.uid(), "", op -> {
                    residents.remove(end.id());
                    return Change.end(op, end.uid(), end.id(), end.reason());
                })
                .map(Done.DONE);
        ending.put(end.id(), ended);
        return ended.onComplete(done -> ending.remove(end.id()));
    }

    public Future<Done> kick(KickDevice kick) {
        return changes.carry(kick.uid(), kick.text(), op -> Change.kick(op, kick.uid(), kick.deviceFlag()))
                .map(Done.DONE);
    }

    /** Does nothing if the user has no such session. */
    public Future<Done> kick(KickSession kick) {
        return changes.carry(kick.uid(), kick.text(), op -> Change.kickOne(op, kick.uid(), kick.id()))
                .map(Done.DONE);
    }

    /**
     * Ends what this node still has of a user who was kicked, and the registry does not: one that came back empty cannot say
     * whom a kick is for. What came after the kick is registered.
     */
    public void kickUnregistered(String uid, Predicate<SessionInfo> meant, String text) {
        if (residents.of(uid).stream().noneMatch(meant)) {
            return;
        }
        changes.turn(uid, () -> registry.ids(uid))
                .onFailure(cause -> log.warn("uid={} may not be kicked here", uid, cause))
                .onSuccess(registered -> residents.of(uid).stream()
                        .filter(meant)
                        .filter(session -> !registered.contains(session.id()))
                        .forEach(session -> {
                            closings.close(List.of(session.id()), true, false, text);
                            endOwn(session, EndReason.KICKED);
                        }));
    }

    /** Another node, or this one, has ended these sessions in the registry. */
    public void closed(List<Long> ids) {
        for (long id : ids) {
            residents.uidOf(id).ifPresent(uid -> {
                residents.remove(id);
                recent.note(uid);
                changes.release(uid);
            });
        }
    }

    /** Closes every socket of this node without a word and ends its sessions. */
    public int endAll(EndReason reason) {
        List<SessionInfo> all = residents.clear();
        closings.close(all.stream().map(SessionInfo::id).toList(), false, true, Changes.COME_BACK_TEXT);
        all.forEach(session -> endOwn(session, reason));
        return all.size();
    }

    /** Something of the user is about to change here. */
    public boolean isBusy(String uid) {
        return changes.isBusy(uid);
    }

    /** Answers when no change is under way. */
    public Future<Void> idle() {
        return changes.idle();
    }

    /** Users of whom this node has something to tell the registry, or to look after there. */
    public List<String> users() {
        Set<String> users = new HashSet<>(residents.users());
        users.addAll(holds.all());
        return List.copyOf(users);
    }

    private void endOwn(SessionInfo session, EndReason reason) {
        end(new EndSession(session.id(), session.uid(), reason))
                .onFailure(cause -> log.error("session={} could not be ended", session.id(), cause));
    }
}
