package dev.herald.presence;

import dev.herald.it.Sql;
import dev.herald.it.Stores;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Three nodes that reconcile all the time: what they mend on the way is no news to anybody. */
final class Trio implements AutoCloseable {
    private static final Map<String, String> EAGER = Map.of(
            "presence.lease", "PT10S",
            "presence.reconcile-interval", "PT1S",
            "presence.tiers.priority.interval", "PT1S");

    final String redis = Stores.freshRedis();
    private final List<PresenceNode> nodes;
    private final Sql sql;

    Trio(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(EAGER);
        all.putAll(settings);
        String pg = Stores.freshPostgres();
        nodes = IntStream.rangeClosed(1, 3)
                .mapToObj(i -> new PresenceNode(i, redis, redis, pg, all).withSockets())
                .toList();
        sql = new Sql(nodes.getFirst().pg.statements());
    }

    /** @param number from 0; its incarnation is one more */
    PresenceNode node(int number) {
        return nodes.get(number);
    }

    /** What was mended, whatever was wrong. */
    List<String> mended() {
        return sql.rows("select kind, uid, detail from presence_drift");
    }

    @Override
    public void close() {
        nodes.forEach(PresenceNode::close);
    }
}
