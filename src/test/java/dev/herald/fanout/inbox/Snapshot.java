package dev.herald.fanout.inbox;

import dev.herald.fanout.Node;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Some keys of Redis as they were. */
final class Snapshot {
    private final Node node;
    private final List<String> keys;
    private final List<byte @Nullable []> dumps = new ArrayList<>();

    Snapshot(Node node, List<String> keys) {
        this.node = node;
        this.keys = keys;
    }

    void take() {
        dumps.clear();
        for (String key : keys) {
            var dump = node.redis(Command.DUMP, key);
            dumps.add(dump == null ? null : dump.toBytes());
        }
    }

    /** False if none was taken. */
    boolean restore() {
        for (int i = 0; i < dumps.size(); i++) {
            String key = keys.get(i);
            byte[] dump = dumps.get(i);
            node.redis(Command.DEL, key);
            if (dump != null) {
                node.call(() -> node.redis.send(
                        Request.cmd(Command.RESTORE).arg(key).arg(0).arg(dump)));
            }
        }
        return !dumps.isEmpty();
    }
}
