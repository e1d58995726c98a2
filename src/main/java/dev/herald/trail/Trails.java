package dev.herald.trail;

import dev.herald.bus.message.SocketMessage.Trace;
import dev.herald.bus.message.SocketMessage.TraceQuery;
import dev.herald.bus.message.SocketMessage.TraceStep;
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

/** All trails of one node, each asked on the event loop that writes it. */
public final class Trails implements Shareable {
    /** Of one command to a large channel. */
    private static final int MOST_STEPS = 1_000;

    private final Map<Trail, Context> loops = new ConcurrentHashMap<>();

    private Trails() {}

    public static Trails of(Vertx vertx) {
        return NodeLocal.of(vertx, Trails.class, Trails::new);
    }

    /** @param loop of the verticle that notes its steps there */
    public void add(Trail trail, Context loop) {
        loops.put(trail, loop);
    }

    public void remove(Trail trail) {
        loops.remove(trail);
    }

    /** The oldest steps first. */
    public Future<Trace> find(TraceQuery query) {
        List<Future<List<TraceStep>>> parts = loops.entrySet().stream()
                .map(loop -> ask(loop.getValue(), loop.getKey(), query.id()))
                .toList();
        return Future.all(parts)
                .map(all -> new Trace(parts.stream()
                        .flatMap(part -> part.result().stream())
                        .sorted(Comparator.comparingLong(TraceStep::atMs))
                        .limit(MOST_STEPS)
                        .toList()));
    }

    private static Future<List<TraceStep>> ask(Context loop, Trail trail, long id) {
        Promise<List<TraceStep>> answer = Promise.promise();
        loop.runOnContext(v -> answer.complete(trail.of(id)));
        return answer.future();
    }
}
