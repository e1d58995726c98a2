package dev.herald.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections to Redis from their making to the loss of the first of them. */
interface RedisLink extends RedisCalls {

    /** @param onLost told when it is cut, by whomever */
    static Future<? extends RedisLink> connect(Vertx vertx, RedisUrl url, Consumer<RedisLink> onLost) {
        return switch (url.kind()) {
            case STANDALONE -> ServerLink.connect(vertx, url.endpoints().getFirst(), onLost);
            case SENTINEL -> Sentinels.connect(vertx, url, onLost);
            case CLUSTER -> ClusterLink.connect(vertx, url, onLost);
        };
    }

    /** One write to each server; it fails as a whole if one call fails, though the others were carried out. */
    Future<List<@Nullable Response>> batch(List<Request> requests);

    /** The values of keys that need not share a hash tag, in their order. */
    default Future<List<@Nullable Response>> values(List<String> keys) {
        return batch(keys.stream().map(key -> Request.cmd(Command.GET).arg(key)).toList());
    }

    /** @param place where the part before ended, or an empty text */
    Future<KeyPage> keys(String pattern, String place, int count);

    int inFlight();

    /** True if calls were waiting at the last look already and not one was answered since then. */
    boolean isSilentSinceLastLook();

    /** Asks those who know whether the servers are still the right ones; cuts the link if they are not. */
    void confirm();

    boolean isCut();

    /** Ends the connections as if the other side had: what is in flight fails. */
    void cut();

    Future<Void> close();
}
