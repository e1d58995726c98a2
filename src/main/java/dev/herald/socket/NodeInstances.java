package dev.herald.socket;

import dev.herald.bus.message.PresenceMessage.LiveSessions;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.ConnectionRow;
import dev.herald.bus.message.SocketMessage.ListConnections;
import dev.herald.lifecycle.NodeLocal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The instances of the socket verticle on one node, each asked on its own event loop for what is there. */
final class NodeInstances implements Shareable {
    private final Map<Sessions, Context> loops = new ConcurrentHashMap<>();

    static NodeInstances of(Vertx vertx) {
        return NodeLocal.of(vertx, NodeInstances.class, NodeInstances::new);
    }

    void add(Sessions sessions, Context loop) {
        loops.put(sessions, loop);
    }

    void remove(Sessions sessions) {
        loops.remove(sessions);
    }

    /** By id, so that a page follows the other while nobody comes or goes. */
    Future<ConnectionList> list(ListConnections wanted) {
        List<Future<ConnectionList>> parts = loops.entrySet().stream()
                .map(loop -> ask(loop.getValue(), () -> part(loop.getKey(), wanted)))
                .toList();
        return Future.all(parts)
                .map(all -> new ConnectionList(
                        parts.stream().mapToInt(part -> part.result().total()).sum(),
                        parts.stream()
                                .flatMap(part -> part.result().rows().stream())
                                .sorted(Comparator.comparingLong(ConnectionRow::id))
                                .skip(wanted.offset())
                                .limit(wanted.limit())
                                .toList()));
    }

    /** What lives on all of them. */
    Future<LiveSessions> report() {
        List<Future<List<SessionInfo>>> parts = loops.entrySet().stream()
                .map(loop -> ask(loop.getValue(), () -> loop.getKey().all().stream()
                        .filter(Predicate.not(Session::isFenced))
                        .map(Session::info)
                        .toList()))
                .toList();
        return Future.all(parts)
                .map(all -> new LiveSessions(
                        parts.stream().flatMap(part -> part.result().stream()).toList()));
    }

    private static <T> Future<T> ask(Context loop, Supplier<T> question) {
        Promise<T> answer = Promise.promise();
        loop.runOnContext(v -> answer.complete(question.get()));
        return answer.future();
    }

    /** All that may be on the page, whatever the others have. */
    private static ConnectionList part(Sessions sessions, ListConnections wanted) {
        List<Session> found = (wanted.uid().isEmpty() ? sessions.all() : sessions.of(wanted.uid()))
                .stream().filter(Predicate.not(Session::isFenced)).toList();
        if (wanted.limit() == 0) {
            return new ConnectionList(found.size(), List.of());
        }
        return new ConnectionList(
                found.size(),
                found.stream()
                        .sorted(Comparator.comparingLong(
                                session -> session.info().id()))
                        .limit((long) wanted.offset() + wanted.limit())
                        .map(Session::row)
                        .toList());
    }
}
